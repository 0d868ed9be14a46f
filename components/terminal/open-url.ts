import { spawn } from 'node:child_process';
import { K3duiError } from '../../src/errors.ts';

/** The programs that open a URL here, best first: `BROWSER`'s own, then the system's. */
export function openers(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[][] {
  const own = (env.BROWSER ?? '')
    // As in PATH: on Windows a colon belongs to the drive.
    .split(platform === 'win32' ? ';' : ':')
    .filter(command => command !== '')
    .map(command => [command]);
  if (platform === 'darwin') return [...own, ['open']];
  // Not explorer: it opens a folder of its own choice for some addresses with a question mark.
  if (platform === 'win32') return [...own, ['rundll32.exe', 'url.dll,FileProtocolHandler']];
  // Without a display xdg-open starts a text browser over our screen.
  const display = env.DISPLAY || env.WAYLAND_DISPLAY;
  return [...own, ...(env.WSL_DISTRO_NAME ? [['wslview'], ['explorer.exe']] : []), ...(display ? [['xdg-open']] : [])];
}

/**
 * Opens a URL in the person's browser. Throws BROWSER_MISSING when there is none to be seen from here, URL_INVALID for
 * what is no web address: such a program would open files and take options as well.
 */
export async function openUrl(url: string, env: NodeJS.ProcessEnv, platform = process.platform): Promise<void> {
  if (!/^https?:\/\//i.test(url)) {
    throw new K3duiError({ code: 'URL_INVALID', message: `not a web address: ${url}` });
  }
  for (const [command = '', ...args] of openers(env, platform)) {
    const started = await new Promise<boolean>(resolve => {
      const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
      child.once('error', () => resolve(false));
      child.once('spawn', () => {
        child.unref();
        resolve(true);
      });
    });
    if (started) return;
  }
  throw new K3duiError({
    code: 'BROWSER_MISSING',
    message: `there is no browser to open from here (no display, or BROWSER is not set): ${url}`,
    hint: 'c copies the address',
  });
}
