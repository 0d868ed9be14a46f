import { describe, expect, test, vi } from 'vitest';
import { clipboardBytes, clipboardPrograms, copyText } from '../../components/terminal/clipboard.ts';
import { openers, openUrl } from '../../components/terminal/open-url.ts';
import { canSuspend, readSizeAgain } from '../../components/terminal/suspend.ts';
import { parseVolume } from '../../src/config/volumes.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { openWire } from '../../src/docker/wire.ts';
import { hostsCommand } from '../../src/engine/expose/resolve.ts';

/* What cannot be run here is at least decided rightly: each of these takes the system as a value. */

describe('the engine is found', () => {
  const found = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}) =>
    resolveEndpoint({ env, home: platform === 'win32' ? 'C:\\Users\\ann' : '/Users/ann', platform });

  test('on macOS where Docker Desktop, Colima, OrbStack and Rancher Desktop put their sockets', () => {
    const { tried } = found('darwin');
    for (const socket of ['.docker/run/docker.sock', '.colima/default/docker.sock', '.orbstack/run/docker.sock']) {
      expect(tried).toContain(`/Users/ann/${socket}`);
    }
    expect(tried?.[0]).toBe('/var/run/docker.sock');
  });

  test.each([
    [{}, '//./pipe/docker_engine'],
    [{ DOCKER_HOST: 'npipe:////./pipe/dockerDesktopLinuxEngine' }, '//./pipe/dockerDesktopLinuxEngine'],
    [{ DOCKER_HOST: 'npipe://\\\\.\\pipe\\my_engine' }, '\\\\.\\pipe\\my_engine'],
  ])('on Windows at a named pipe (%o)', (env, pipe) => {
    expect(openWire(found('win32', env), {}).options.socketPath).toBe(pipe);
  });
});

describe('text reaches the clipboard', () => {
  test('by the program of the system; over ssh by the terminal alone', () => {
    const names = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) =>
      clipboardPrograms(env, platform).map(([file]) => file);
    expect(names({}, 'darwin')).toEqual(['pbcopy']);
    expect(names({}, 'win32')).toEqual(['clip.exe']);
    expect(names({ WAYLAND_DISPLAY: 'w', DISPLAY: ':0' }, 'linux')).toEqual(['wl-copy', 'xclip', 'xsel']);
    expect(names({ WSL_DISTRO_NAME: 'Debian' }, 'linux')).toEqual(['clip.exe']);
    expect(names({ SSH_TTY: '/dev/pts/0' }, 'darwin')).toEqual([]);
    expect(names({}, 'linux')).toEqual([]);
  });

  test('on Windows in a form in which umlauts survive', () => {
    expect(clipboardBytes('clip.exe', 'plain')).toEqual(Buffer.from('plain'));
    expect(clipboardBytes('clip.exe', 'ä→')).toEqual(Buffer.from('ä→', 'utf16le'));
    expect(clipboardBytes('pbcopy', 'ä→')).toEqual(Buffer.from('ä→'));
  });

  test('through the terminal where no program is there', async () => {
    const written: string[] = [];
    expect(await copyText('hi', {}, data => written.push(data), 'linux')).toMatch(/OSC 52/);
    expect(written).toEqual(['\x1b]52;c;aGk=\x07']);
  });
});

describe('a URL opens in the browser', () => {
  test('by the system’s own program, or by BROWSER’s, which are told apart as in PATH', () => {
    expect(openers({}, 'darwin')).toEqual([['open']]);
    expect(openers({}, 'win32')).toEqual([['rundll32.exe', 'url.dll,FileProtocolHandler']]);
    expect(openers({ BROWSER: 'C:\\ff\\firefox.exe;D:\\b.exe' }, 'win32').slice(0, 2)).toEqual([
      ['C:\\ff\\firefox.exe'],
      ['D:\\b.exe'],
    ]);
    expect(openers({ WSL_DISTRO_NAME: 'Debian' }, 'linux')).toEqual([['wslview'], ['explorer.exe']]);
  });

  test.each(['file:///etc/passwd', '-a Calculator', 'javascript:alert(1)', '\\\\evil\\share'])(
    'and %s, which is none, is not handed to it',
    async url => {
      await expect(openUrl(url, { BROWSER: 'true' }, 'linux')).rejects.toMatchObject({ code: 'URL_INVALID' });
    },
  );
});

describe('Windows', () => {
  test('has drives in the paths of volumes', () => {
    const mount = (text: string) => parseVolume(text, 'win32');
    expect(mount('C:\\data:/data')).toEqual({ source: 'C:\\data', destination: '/data', options: '' });
    expect(mount('c:/data:/data:ro')).toEqual({ source: 'c:/data', destination: '/data', options: 'ro' });
    expect(mount('data:/data')).toEqual({ source: 'data', destination: '/data', options: '' });
    expect(() => mount('C:\\data:/a:ro:x')).toThrow('invalid volume mount');
    // Elsewhere one letter is the name of a volume.
    expect(parseVolume('c:/data:ro', 'linux')).toEqual({ source: 'c', destination: '/data', options: 'ro' });
  });

  test('stops no program, and is not sent signals that it does not know', () => {
    expect([canSuspend('win32'), canSuspend('darwin')]).toEqual([false, true]);
    const heard = vi.fn();
    process.once('SIGWINCH', heard);
    readSizeAgain('win32');
    expect(heard).toHaveBeenCalledOnce();
  });

  test('has its own hosts file and its own shell', () => {
    expect(hostsCommand('shop.test', '127.0.0.1', 'win32')).toBe(
      'echo 127.0.0.1 shop.test >> C:\\Windows\\System32\\drivers\\etc\\hosts',
    );
    expect(hostsCommand('shop.test', '127.0.0.1', 'darwin')).toBe(
      "echo '127.0.0.1 shop.test' | sudo tee -a /etc/hosts",
    );
  });
});
