/**
 * Builds `dist/`: one bundle in a few chunks that needs nothing but Node. `npm run build`, also run by `npm ci`.
 *
 * k3dui.js is the small file that any Node can read; main.js holds the command line; the app, the demo engine and the
 * Kubernetes client are chunks of their own, loaded when first needed.
 */
import { chmod, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** What CommonJS packages in an ES module bundle expect to find. */
const commonJsBanner = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __toPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __toPath(import.meta.url);
const __dirname = __toPath(new URL('.', import.meta.url));`;

/**
 * Left out: Ink's developer tools; ssh2 and its native parts (ssh goes through the ssh program); dockerode's ways to
 * build images, which bring all of gRPC along and are never used.
 */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(react-devtools-core|ssh2|cpu-features)$|\.node$/ }, ({ path }) => ({
      path,
      namespace: 'left-out',
    }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'export default undefined;' }));
    onLoad({ filter: /dockerode[\\/]lib[\\/](session|buildkit)\.js$/ }, () => ({
      contents: "module.exports = () => { throw new Error('building images is not part of this bundle'); };",
    }));
  },
};

/**
 * Work at start that can wait. `import` of node:http asks for each of its exports, and so loads all of Node's fetch and
 * WebSocket (saves 40 ms and more); `require` does not. Yoga's WebAssembly is embedded: without `fetch` its
 * loader decodes it at once (saves 25 ms); string-width needs its segmenter only for text beyond ASCII (saves 10 ms).
 */
const quickStart: Plugin = {
  name: 'quick-start',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ namespace }) =>
      namespace === 'required' ? undefined : { path: 'node:http', namespace: 'required' },
    );
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({
      contents: `const fetch = undefined;\n${await readFile(path, 'utf8')}`,
    }));
    onLoad({ filter: /string-width[\\/]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const eager = 'const segmenter = new Intl.Segmenter();';
      const lazy =
        'let loaded; const segmenter = { segment: text => (loaded ??= new Intl.Segmenter()).segment(text) };';
      const contents = source.replace(eager, lazy);
      return {
        contents,
        warnings: contents === source ? [{ text: 'string-width no longer makes its segmenter so' }] : [],
      };
    });
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

// Built beside the old files and put in their place at the end, so that a running k3dui finds its chunks to the last.
const fresh = join(root, `dist.new-${process.pid}`);
try {
  await mkdir(fresh, { recursive: true });
  await build({
    ...common,
    entryPoints: { main: 'src/main.ts' },
    outdir: fresh,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    target: 'node22',
    minify: true,
    keepNames: true,
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: commonJsBanner },
    plugins: [leaveOut, quickStart],
  });
  await build({
    ...common,
    entryPoints: { k3dui: 'src/launch.ts' },
    outdir: fresh,
    target: 'node14.18',
    supported: { 'top-level-await': true },
    external: ['./main.js'],
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(join(fresh, 'k3dui.js'), 0o755);
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
