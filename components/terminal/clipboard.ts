import { spawn } from 'node:child_process';

/** Windows' own; WSL finds it too. */
const CLIP = 'clip.exe';

/** Programs that take text on stdin into the clipboard, in the order in which they are tried. */
export function clipboardPrograms(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): [string, string[]][] {
  // Over ssh such a program would fill the other machine's clipboard.
  if (env.SSH_TTY || env.SSH_CONNECTION) return [];
  if (platform === 'darwin') return [['pbcopy', []]];
  if (platform === 'win32') return [[CLIP, []]];
  const programs: [string, string[]][] = [];
  if (env.WAYLAND_DISPLAY) programs.push(['wl-copy', []]);
  if (env.DISPLAY) programs.push(['xclip', ['-selection', 'clipboard']], ['xsel', ['--clipboard', '--input']]);
  if (env.WSL_DISTRO_NAME) programs.push([CLIP, []]);
  return programs;
}

/** Windows takes bytes for its own code page, or for UTF-16 when they look like that: plain ASCII is either. */
export function clipboardBytes(file: string, text: string): Buffer {
  return file === CLIP && /[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf16le') : Buffer.from(text);
}

function feed(file: string, args: string[], text: string): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', () => resolve(false));
    child.on('close', code => resolve(code === 0));
    child.stdin.on('error', () => {});
    child.stdin.end(clipboardBytes(file, text));
  });
}

/**
 * Puts text into the clipboard: by a program of the desktop, else by asking the terminal (OSC 52), which also works over
 * ssh. Returns how, in words; whether a terminal obeys OSC 52 cannot be known.
 */
export async function copyText(
  text: string,
  env: NodeJS.ProcessEnv,
  write: (data: string) => void,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  for (const [file, args] of clipboardPrograms(env, platform)) {
    if (await feed(file, args, text)) return `with ${file}`;
  }
  write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
  return 'by the terminal (OSC 52)';
}
