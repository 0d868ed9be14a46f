import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a file into a root file system, making its folder. */
export function put(root: string, path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
  chmodSync(join(root, path), mode);
}

export function link(root: string, path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  if (!existsSync(join(root, path))) symlinkSync(target, join(root, path));
}

/** Gives every busybox command a name in /bin, where no package has put the real one. */
export function linkBusybox(root: string): void {
  const names = execFileSync(join(root, 'bin/busybox'), ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const name of names) {
    const there = ['usr/bin', 'usr/sbin'].some(folder => existsSync(join(root, folder, name)));
    if (!there) link(root, `usr/bin/${name}`, '/bin/busybox');
  }
}

/** The handful of files in /etc and the folders that programs expect of any system. */
export function furnish(root: string): void {
  put(
    root,
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\nnobody:x:65534:65534::/:/bin/false\n',
  );
  put(root, 'etc/group', 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n');
  put(root, 'etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  for (const folder of ['proc', 'sys', 'dev', 'run', 'root', 'tmp', 'etc', 'var/log', 'var/lib'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  link(root, 'var/run', '/run');
}
