import type { Command } from 'commander';
import { VARIABLES } from './cluster-flags.ts';
import { handle, type Session } from './command.ts';
import type { CommandNode, FlagNode } from './describe.ts';

/** `man`: prints the manual page, made from the commands themselves. */
export function addManCommand(program: Command, session: Session): void {
  const command = program.command('man').description('print the manual page, for man(1)');
  handle(command, session, async ({ io }) => {
    // This run knows only the commands of its own line.
    const { describeProgram } = await import('./program.ts');
    io.stdout.write(manPage(await describeProgram(io.version), io.version));
    return undefined;
  });
}

/** Environment variables that every command knows, besides those that stand for flags. */
const ENVIRONMENT: [names: string, text: string][] = [
  [
    'DOCKER_HOST, DOCKER_CONTEXT, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_CONFIG',
    'Which Docker engine is used, as with docker.',
  ],
  ['KUBECONFIG', 'The default kubeconfig; else ~/.kube/config.'],
  ['LOG_LEVEL', 'trace, debug, info, warn, error or fatal.'],
  ['LOG_COLORS', 'true: colours everywhere. false: lines made of fields, for programs.'],
  ['LOG_TIMESTAMPS', 'If set, the time stands in front of each line.'],
  ['NO_COLOR', 'If set, no colours.'],
  [
    ['K3D_CONFIG', ...VARIABLES.map(([name]) => name)].join(', '),
    'Stand for flags of cluster create, or for what a config file may say; a flag beats its variable, that the file.',
  ],
  ['REGISTRY_PROXY_PASSWORD', 'The password for the registry that a new one mirrors.'],
  ['K3DUI_SETTINGS', "The app's settings file; else k3dui/settings.yaml in XDG_CONFIG_HOME or ~/.config."],
  ['K3DUI_THEME, K3DUI_READ_ONLY', "Stand for what the app's settings file says of theme and readOnly."],
  [
    'K3DUI_SCREEN_READER, INK_SCREEN_READER',
    'true: for screen readers and braille. The app tells what is on its screen in plain lines, as with --screen-reader; commands write no line over.',
  ],
  ['K3D_IMAGE_LOADBALANCER, K3D_HELPER_IMAGE_TAG', "The load balancer's image, or only its tag."],
  [
    'K3D_FIX_DNS, K3D_FIX_CGROUPV2, K3D_FIX_MOUNTS',
    'true or false: what the nodes’ start script puts right on this kind of machine.',
  ],
  [
    'K3D_LOG_NODE_WAIT_LOGS',
    'Roles (server,agent,loadbalancer,registry): with --verbose, what such nodes log while they are waited for.',
  ],
  ['K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT', 'How often a node that is waited for may end and be started again by Docker.'],
  ['K3D_DEBUG_DISABLE_DOCKER_INIT', 'true: containers without Docker’s init process.'],
];

/** The manual page in roff, for man(1). `version`: `0.1.0`. */
export function manPage(root: CommandNode, version: string): string {
  const lines = [
    `.TH ${root.name.toUpperCase()} 1 "" "${root.name} ${version}" "User Commands"`,
    '.SH NAME',
    `${root.name} \\- see and manage k3s\\-in\\-Docker clusters`,
    '.SH SYNOPSIS',
    '.nf',
    `\\fB${root.name}\\fR`,
    `\\fB${root.name}\\fR \\fIcommand\\fR [\\fIflags\\fR]`,
    '.fi',
    '.SH DESCRIPTION',
    roff(root.description),
    '.PP',
    roff(
      'The commands and their flags are those of k3d 5.9, and more; clusters are shared with k3d in both directions.',
    ),
    '.SH GLOBAL FLAGS',
    ...root.flags.filter(flag => !flag.hidden).flatMap(flagLines),
    '.SH COMMANDS',
    ...root.commands.flatMap(command => commandLines(command, root.name, root)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([names, text]) => ['.TP', `\\fB${roff(names)}\\fR`, roff(text)]),
    '.SH EXIT STATUS',
    roff(
      '0 when all is done; 1 when something failed; 128 and the number of the signal when one ended it. Of cluster diff and doctor it tells more; a plugin decides itself.',
    ),
    '.SH SEE ALSO',
    '\\fBdocker\\fR(1), \\fBkubectl\\fR(1)',
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: CommandNode, path: string, root: CommandNode): string[] {
  if (command.hidden) return [];
  const words = `${path} ${command.name}`;
  const below = command.commands.flatMap(sub => commandLines(sub, words, root));
  // A noun alone does nothing: its verbs are what there is to say.
  if (command.commands.length > 0 && command.flags.every(flag => isGlobal(flag, root))) return below;
  const own = command.flags.filter(flag => !flag.hidden && !isGlobal(flag, root));
  return [
    '.SS',
    `\\fB${roff(words)}\\fR ${roff([...command.args, ...(own.length > 0 ? ['[flags]'] : [])].join(' '))}`,
    roff(sentence(command.description)),
    ...(command.aliases.length > 0 ? ['.PP', roff(`Also: ${command.aliases.join(', ')}.`)] : []),
    ...own.flatMap(flagLines),
    ...(command.notes ? ['.PP', '.nf', ...command.notes.split('\n').map(roff), '.fi'] : []),
    ...below,
  ];
}

function isGlobal({ long }: FlagNode, root: CommandNode): boolean {
  return root.flags.some(flag => flag.long === long);
}

function flagLines({ long, short, value, description }: FlagNode): string[] {
  const names = [...(short ? [short] : []), long].map(name => `\\fB${roff(name)}\\fR`).join(', ');
  return ['.TP', `${names}${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}`, roff(description)];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.:]$/.test(text) ? '' : '.'}`;
}

/** Text as roff wants it: a line must not begin with a control character, and a dash is a minus. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/, '\\&$1');
}
