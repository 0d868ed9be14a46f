import { type Command, Option } from 'commander';
import { DEFAULT_LOAD_BALANCER_IMAGE, K3S_IMAGE_REPOSITORY } from '../config/default-image.ts';
import { parseImage } from '../config/image.ts';
import { compareSemver } from '../config/semver.ts';
import { K3duiError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { remoteTags } from '../registry/remote-tags.ts';
import { flagValue, handle, type Session, wholeNumber } from './command.ts';

/** Pre-releases, images for one kind of machine, digests; k3d's default. */
const USUALLY_LEFT_OUT = '^sha-|.+(rc|engine|dind|alpha|beta|dev|test|arm|arm64|amd64|s390x).*';

const k3dRepository = (name: string) => DEFAULT_LOAD_BALANCER_IMAGE.replace(/k3d-proxy:.*$/, name);

/** Component → repository. k3d cmd/root.go. */
const REPOSITORIES = new Map([
  ['k3s', K3S_IMAGE_REPOSITORY],
  ['k3d', k3dRepository('k3d')],
  ['k3d-proxy', k3dRepository('k3d-proxy')],
  ['k3d-tools', k3dRepository('k3d-tools')],
]);

const VERSION_COMPONENTS = [...REPOSITORIES.keys()];

interface VersionListFlags {
  include?: string;
  exclude?: string;
  format?: string;
  output?: string;
  sort?: string;
  limit?: number;
  from?: string;
}

/** `version list COMPONENT`. k3d cmd/root.go. */
export function addVersionListCommand(version: Command, session: Session): void {
  const list = version
    .command('list COMPONENT')
    .alias('ls')
    .description(`list the versions there are of a component: ${VERSION_COMPONENTS.join(', ')}`)
    .option('-i, --include <regexp>', 'only tags that match (default: .*)')
    .option('-e, --exclude <regexp>', `leave out tags that match (default: ${USUALLY_LEFT_OUT})`)
    .option('-o, --output <format>', 'raw: tags; repo: whole image references (default: raw)')
    .addOption(new Option('-f, --format <format>', 'old name of --output (default: raw)').hideHelp())
    .option('-s, --sort <order>', 'newest first (desc), last (asc), or as the registry has them (off) (default: desc)')
    .option('-l, --limit <count>', 'no more than so many; 0: all', wholeNumber('--limit'))
    .option('--from <repository>', 'read them there, for example registry.example.com/rancher/k3s');
  handle<VersionListFlags>(list, session, async ({ args, flags, io, log }) => {
    const repository = repositoryOf(args[0]!, flags.from);
    if (flags.format !== undefined) log.warn('--format is the old name of --output, which should be used instead');
    const output = flagValue('--output', flags.format ?? flags.output ?? 'raw', ['raw', 'repo']);
    const sort = flagValue('--sort', flags.sort ?? 'desc', ['desc', 'asc', 'off']);
    const wanted = pattern('--include', flags.include ?? '.*');
    const unwanted = pattern('--exclude', flags.exclude ?? USUALLY_LEFT_OUT);
    const tags = await remoteTags(parseImage(repository), io.interrupts.signal);
    const chosen = tags.filter(tag => wanted.test(tag) && (flags.exclude === '' || !unwanted.test(tag)));
    if (sort !== 'off') chosen.sort((a, b) => (sort === 'asc' ? compareSemver(a, b) : compareSemver(b, a)));
    const limit = flags.limit && flags.limit > 0 ? flags.limit : chosen.length;
    for (const tag of chosen.slice(0, limit)) {
      io.stdout.write(output === 'repo' ? `${repository}:${tag}\n` : `${tag}\n`);
    }
    return undefined;
  });
}

function repositoryOf(component: string, from: string | undefined): string {
  const repository = REPOSITORIES.get(component);
  if (!repository) {
    const near = nearest(component, VERSION_COMPONENTS);
    throw new K3duiError({
      code: 'USAGE',
      message: `there are no versions of '${component}' to list`,
      hint: near ? `did you mean ${near}?` : `one of ${VERSION_COMPONENTS.join(', ')}`,
    });
  }
  return from || repository;
}

/** A regular expression in Go's spelling, whose flags stand in front: `(?i)rc`. Throws USAGE. */
function pattern(flag: string, text: string): RegExp {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(text) ?? [];
  try {
    return new RegExp(rest, flags);
  } catch (cause) {
    throw new K3duiError({
      code: 'USAGE',
      message: `invalid regular expression '${text}' for ${flag}`,
      hint: "for example --include '^v1\\.31\\.'",
      cause,
    });
  }
}
