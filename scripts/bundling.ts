/** What both builds have in common: the bundle in chunks (build.ts) and the single executable (single.ts). */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { NARROW_CLASS } from '../src/text.ts';

const builtin = createRequire(import.meta.url);

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Left out: Ink's developer tools; dockerode's transport, for which it is given ours, with ssh2 and its native parts (ssh
 * goes through the ssh program); and its ways to build images, which bring all of gRPC along and are never used. Half of
 * what every command loads of dockerode.
 */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(react-devtools-core|docker-modem|tar-fs|@balena\/dockerignore)$|\.node$/ }, ({ path }) => ({
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
 * WebSocket (saves 40 ms and more); `require` does not, and when the first of them is used is soon enough (saves 10 ms).
 * Yoga's WebAssembly is embedded: without `fetch` its loader decodes it at once (saves 25 ms); string-width needs its
 * segmenter and its pattern for emoji only for text beyond ASCII (saves 20 ms), and looks at each letter of what it does
 * not take for ASCII: Ink measures every line of every frame with it, an eighth of the time from a key to its picture.
 */
const quickStart: Plugin = {
  name: 'quick-start',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(https?|crypto|child_process|zlib|tls)$/ }, ({ path, namespace }) =>
      namespace === 'required' ? undefined : { path: path.replace(/^(node:)?/, 'node:'), namespace: 'required' },
    );
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `for (const name of ${JSON.stringify(Object.keys(builtin(path)))})
        Object.defineProperty(exports, name, { enumerable: true, get: () => require(${JSON.stringify(path)})[name] });`,
    }));
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({
      contents: `const fetch = undefined;\n${await readFile(path, 'utf8')}`,
    }));
    onLoad({ filter: /string-width[\\/]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const eager = 'const segmenter = new Intl.Segmenter();';
      const lazy =
        'let loaded; const segmenter = { segment: text => (loaded ??= new Intl.Segmenter()).segment(text) };';
      const emoji = 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;';
      const lazyEmoji =
        'let emoji; const rgiEmojiRegex = { test: text => (emoji ??= /^\\p{RGI_Emoji}$/v).test(text) };';
      const ascii = 'if (/^[\\u0020-\\u007E]*$/.test(string)) {';
      const narrow = `if (/^[\\x20-\\x7e]*$/.test(string) || (ambiguousIsNarrow && /^[${NARROW_CLASS}]*$/.test(string))) {`;
      return {
        contents: source
          .replace(eager, () => lazy)
          .replace(emoji, () => lazyEmoji)
          .replace(ascii, () => narrow),
        warnings: [eager, emoji, ascii]
          .filter(text => !source.includes(text))
          .map(text => ({ text: `string-width no longer has: ${text}` })),
      };
    });
  },
};

/** Of both. */
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

/** Of the program itself. */
export const program = {
  ...common,
  target: 'node22',
  // Node 22 knows these. Not told so, esbuild makes constructors of them, whose Unicode tables are built at every start.
  supported: { 'regexp-unicode-property-escapes': true, 'regexp-set-notation': true },
  minify: true,
  keepNames: true,
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  plugins: [leaveOut, quickStart],
} satisfies BuildOptions;
