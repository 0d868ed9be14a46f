/**
 * Builds `dist/`: one bundle in a few chunks that needs nothing but Node. `npm run build`, also run by `npm ci`.
 *
 * k3dui.js is the small file that any Node can read; main.js holds the command line, complete.js answers shells; the app, the demo engine and the
 * Kubernetes client are chunks of their own, loaded when first needed.
 */
import { chmod, lstat, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { common, program, root } from './bundling.ts';

const dist = join(root, 'dist');

/** What CommonJS packages in an ES module bundle expect to find. */
const commonJsBanner = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __toPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __toPath(import.meta.url);
const __dirname = __toPath(new URL('.', import.meta.url));`;

// Built beside the old files and put in their place at the end, so that a running k3dui finds its chunks to the last.
const fresh = join(root, `dist.new-${process.pid}`);
try {
  await mkdir(fresh, { recursive: true });
  await build({
    ...program,
    entryPoints: { main: 'src/main.ts', complete: 'src/complete.ts' },
    outdir: fresh,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: commonJsBanner },
  });
  await build({
    ...common,
    entryPoints: { k3dui: 'src/launch.ts' },
    outdir: fresh,
    target: 'node14.18',
    supported: { 'top-level-await': true },
    external: ['./main.js', './complete.js'],
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(join(fresh, 'k3dui.js'), 0o755);
  await writeDescriptions(fresh);
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
  await linkOwnProgram();
} catch (error) {
  // What esbuild finds it has said itself.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
} finally {
  await rm(fresh, { recursive: true, force: true });
}

/** What is made from the commands: their tree, for completion in the shells, and the manual page. */
async function writeDescriptions(folder: string): Promise<void> {
  const [{ describeProgram }, { manPage }, { version }] = await Promise.all([
    import('../src/cli/program.ts'),
    import('../src/cli/man-page.ts'),
    import('../src/version.ts'),
  ]);
  const commands = await describeProgram(version);
  await writeFile(join(folder, 'commands.json'), JSON.stringify(commands));
  await writeFile(join(folder, 'k3dui.1'), manPage(commands, version));
}

/**
 * `npx k3dui` in a checkout: npm links the programs of dependencies only, so the checkout's own is linked here.
 * Nothing to do on Windows, or where nothing is installed yet.
 */
async function linkOwnProgram(): Promise<void> {
  const bin = join(root, 'node_modules', '.bin');
  if (process.platform === 'win32' || !(await lstat(bin).catch(() => undefined))?.isDirectory()) return;
  const link = join(bin, 'k3dui');
  const present = await lstat(link).catch(() => undefined);
  if (present?.isSymbolicLink()) await rm(link);
  else if (present) return;
  await symlink(join('..', '..', 'dist', 'k3dui.js'), link);
}
