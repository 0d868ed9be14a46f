/**
 * `npm run single [-- FOLDER]`: builds `dist-single/k3dui`, one file for people without Node: this Node's own program with the
 * bundle inside (https://nodejs.org/api/single-executable-applications.html).
 *
 * What Node runs from there must be CommonJS and cannot import files; the bundle is an ES module. So it lies beside as
 * an asset, and a few lines of CommonJS import it from memory.
 */
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { inject } from 'postject';
import { program, root } from './bundling.ts';

const folder = resolve(process.argv[2] ?? join(root, 'dist-single'));
const work = join(folder, 'work');
const target = join(folder, process.platform === 'win32' ? 'k3dui.exe' : 'k3dui');
/** Node looks for this to know that something was put in. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** What the bundle expects of a file's place in the world: the executable's. */
const banner = `import { createRequire as __createRequire } from 'node:module';
import { pathToFileURL as __toUrl } from 'node:url';
import { dirname as __folderOf } from 'node:path';
const require = __createRequire(process.execPath);
const __url = __toUrl(process.execPath).href;
const __filename = process.execPath;
const __dirname = __folderOf(process.execPath);`;

const starter = `const { getAsset } = require('node:sea');
const { Script, constants } = require('node:vm');
const text = Buffer.from(getAsset('main.mjs')).toString('base64');
globalThis.__k3dui = 'data:text/javascript;base64,' + text;
// That imports from memory are an experiment of Node's is no news for who runs k3dui.
const { emitWarning } = process;
process.emitWarning = () => {};
new Script('import(globalThis.__k3dui)', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext();
process.emitWarning = emitWarning;
`;

await mkdir(work, { recursive: true });
try {
  await build({
    ...program,
    define: { ...program.define, 'import.meta.url': '__url' },
    entryPoints: [join(root, 'src/main.ts')],
    outfile: join(work, 'main.mjs'),
    banner: { js: banner },
  });
  await writeFile(join(work, 'starter.cjs'), starter);
  const blob = join(work, 'blob');
  const config = {
    main: join(work, 'starter.cjs'),
    output: blob,
    disableExperimentalSEAWarning: true,
    assets: { 'main.mjs': join(work, 'main.mjs') },
  };
  await writeFile(join(work, 'config.json'), JSON.stringify(config));
  execFileSync(process.execPath, ['--experimental-sea-config', join(work, 'config.json')], { stdio: 'pipe' });
  await copyFile(process.execPath, target);
  await chmod(target, 0o755);
  await inject(target, 'NODE_SEA_BLOB', await readFile(blob), { sentinelFuse: FUSE });
  process.stdout.write(`${target}\n`);
} finally {
  await rm(work, { recursive: true, force: true });
}
