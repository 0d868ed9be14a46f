import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');

let copy: string | undefined;

/** The built program as it was when the test process began: a build in the meantime must not change it under the test. */
export function programFile(): string {
  copy ??= withBuildLock(() => {
    if (isStale()) build();
    const copies = join(root, 'node_modules', '.cache', 'k3dui-test-program');
    const folder = join(copies, String(statSync(join(dist, 'main.js')).mtimeMs));
    if (existsSync(folder)) return folder;
    // Copies of earlier builds; those of the last hour may still be in use.
    for (const name of existsSync(copies) ? readdirSync(copies) : []) {
      if (Date.now() - Number(name) > 3_600_000) rmSync(join(copies, name), { recursive: true, force: true });
    }
    cpSync(dist, folder, { recursive: true });
    return folder;
  });
  return join(copy, 'k3dui.js');
}

function build(): void {
  const result = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`the build failed:\n${result.stdout}${result.stderr}`);
}

/** Of several test processes one builds. */
function withBuildLock<T>(work: () => T): T {
  const lock = join(root, 'node_modules', '.cache', 'k3dui-build.lock');
  mkdirSync(dirname(lock), { recursive: true });
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A lock that a killed test left behind does not hold for ever.
      if (Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** True when a source is newer than what was built. */
function isStale(): boolean {
  const main = join(dist, 'main.js');
  if (!existsSync(main)) return true;
  const made = statSync(main).mtimeMs;
  const sources = ['src', 'components'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(root, folder, file)),
  );
  return [...sources, join(root, 'scripts', 'build.ts'), join(root, 'package.json')].some(file => {
    return statSync(file).mtimeMs > made;
  });
}
