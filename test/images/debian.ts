import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const apt = ['-qq', '-o', 'APT::Sandbox::User=root'];

/** Why images cannot be built from Debian's packages here; undefined where they can. */
export function whyNoDebian(): string | undefined {
  for (const tool of ['apt-get', 'apt-cache', 'dpkg-deb', 'tar'])
    if (!['/usr/bin', '/bin'].some(folder => existsSync(join(folder, tool))))
      return `this machine has no ${tool}, which building the test images takes`;
  return undefined;
}

function download(packages: string[], folder: string): void {
  execFileSync('apt-get', [...apt, 'download', ...packages], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * Unpacks Debian packages (of the machine's own release) into a new folder: a root file system with nothing run or configured.
 * The package lists are brought up to date only when a package cannot be had without.
 * @returns the folder; the caller removes it
 */
export function unpackPackages(packages: string[]): string {
  const debs = mkdtempSync(join(tmpdir(), 'k3dui-debs-'));
  const root = mkdtempSync(join(tmpdir(), 'k3dui-root-'));
  try {
    download(packages, debs);
  } catch {
    execFileSync('apt-get', [...apt, 'update'], { stdio: ['ignore', 'ignore', 'inherit'] });
    download(packages, debs);
  }
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', folder), { recursive: true });
    symlinkSync(`usr/${folder}`, join(root, folder));
  }
  for (const deb of readdirSync(debs)) {
    const archive = execFileSync('dpkg-deb', ['--fsys-tarfile', join(debs, deb)], { maxBuffer: 1 << 30 });
    execFileSync(
      'tar',
      ['-x', '--keep-directory-symlink', '-C', root, '--exclude=./usr/share/doc*', '--exclude=./usr/share/man*'],
      { input: archive },
    );
  }
  execFileSync('rm', ['-rf', debs]);
  return root;
}
