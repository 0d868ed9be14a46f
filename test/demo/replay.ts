import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interrupts } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { type Demo, type DemoOptions, startDemo } from '../../src/demo/demo.ts';
import { openEngine } from '../../src/engine/open.ts';
import { collector } from '../unit/cli-fake.ts';

const RECORDED = join(import.meta.dirname, '..', 'fixtures', 'k3d');
/** Where the recordings' own files lay. */
const THEIR_FILES = '/home/user/files';
const THEIR_CONFIG = '/tmp/bedhome/.config/k3d';

/** What a command line printed and how it ended. `code` is undefined when it never did. */
export interface Ended {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export interface Recording extends Ended {
  name: string;
  /** Without the `k3d` in front. */
  line: string;
  /** Paths of the config files that it names. */
  files: string[];
}

/** Recordings of one kind, in the order they were made. */
export function recordings(kind: 'create' | 'ops' | 'fail'): Recording[] {
  return readdirSync(join(RECORDED, kind))
    .map(name => {
      const file = (part: string) => {
        const path = join(RECORDED, kind, name, part);
        return existsSync(path) ? readFileSync(path, 'utf8') : '';
      };
      const exit = file('exit.txt').trim();
      const code = exit === 'timeout' ? undefined : Number(exit);
      const line = file('cmd.txt').trim().replace(/^k3d /, '');
      const stdout = file('stdout.txt');
      const stderr = file('stderr.txt');
      const files = readdirSync(join(RECORDED, kind, name)).filter(other => /^bad\d\.yaml$/.test(other));
      return {
        name: `${kind}/${name}`,
        line,
        code,
        stdout,
        stderr,
        files: files.map(other => join(RECORDED, kind, name, other)),
      };
    })
    .sort((a, b) => number(a) - number(b));
}

function number({ name }: Recording): number {
  return Number(/\d+/.exec(name)![0]);
}

/** A demo engine and a home, in which recorded command lines are run again by k3dui. */
export class Replay {
  readonly home = mkdtempSync(join(tmpdir(), 'k3dui-replay-'));
  readonly demo: Demo;
  readonly env: NodeJS.ProcessEnv;

  private constructor(demo: Demo) {
    this.demo = demo;
    this.env = {
      HOME: this.home,
      PATH: process.env.PATH,
      KUBECONFIG: join(this.home, 'kubeconfig'),
      XDG_CONFIG_HOME: join(this.home, 'config'),
    };
  }

  static async open(options: DemoOptions): Promise<Replay> {
    return new Replay(await startDemo({ tempo: 0, ...options }));
  }

  /** Runs a recorded line, in this process. */
  async run(line: string): Promise<Ended> {
    const words = [
      ...elsewhere(line)
        .replaceAll(THEIR_FILES, this.home)
        .matchAll(/'([^']*)'|(\S+)/g),
    ];
    const { code, stdout, stderr } = await this.type(words.map(match => match[1] ?? match[2]!));
    return { code, stdout: this.neutral(stdout), stderr: this.neutral(stderr) };
  }

  /** Runs any words, in this process; what takes longer than the limit (milliseconds) is interrupted, as by Ctrl-C. */
  async type(argv: string[], limit = 60_000): Promise<Ended> {
    const stdout = collector();
    const stderr = collector();
    const interrupts = new Interrupts();
    const timer = setTimeout(() => interrupts.send('SIGINT'), limit);
    const code = await runCommandLine(argv, {
      stdout,
      stderr,
      env: this.env,
      version: '1.2.3',
      interrupts,
      openEngine: ({ readOnly }) => openEngine({ env: this.env, host: this.demo.host, demo: true, readOnly }),
    });
    clearTimeout(timer);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  }

  /** What the demo engine answers to a GET. */
  get(path: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const socketPath = this.demo.host.replace(/^unix:\/\//, '');
      request({ socketPath, path }, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => resolve(Buffer.concat(chunks)));
      })
        .on('error', reject)
        .end();
    });
  }

  async close(): Promise<void> {
    await this.demo.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** What we say about our folders and ports, told as of the recordings'. */
  private neutral(text: string): string {
    return text
      .replace(/\b2((?:80|50|90|91)\d\d)\b/g, '$1')
      .replaceAll(join(this.home, 'config'), THEIR_CONFIG)
      .replaceAll(this.home, THEIR_FILES);
  }
}

/** The line with host ports that nobody else on this machine has, below those that systems give out by themselves. */
function elsewhere(line: string): string {
  return line.replace(/\b((?:80|50|90|91)\d\d)(?=:\d|@|$| --)/g, '2$1');
}

/** What a script reads: the output without the lines that tell how it goes. */
export function data(stdout: string): string {
  return stdout.replace(/^(INFO|DEBU|TRAC)\[\w+\].*\n/gm, '');
}

/** The last thing said, without its time. */
export function lastWord(stdout: string): string {
  const lines = [...stdout.matchAll(/^INFO\[\d+\] (.*)$/gm)].map(match => match[1]!.trim());
  return lines.at(-1) ?? '';
}

/** Text with what differs from run to run replaced by what it is. */
export function neutralText(text: string): string {
  return text
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:ID')
    .replace(/\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/((?:certificate-authority|client-certificate|client-key)-data: ).*/g, '$1REDACTED')
    .replace(/(https?:\/\/[\d.]+):\d+/g, '$1:PORT')
    .replace(/\b(?!127\.|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}\b/g, 'ADDRESS')
    .replace(/("HostPort":|HostPort: |k3d\.server\.api\.port"?: ?)"\d{5}"/g, '$1"PORT"')
    .replace(/(ADDRESS)\/\d\d\b/g, '$1/RANGE')
    .replace(/\b(?!loadbalancer)[A-Za-z]{20}\b/g, 'TOKEN');
}

/** Paths at which two JSON values differ: `0.nodes.k3d-x-server-0.Cmd`. Lists of named things are compared by name. */
export function jsonDifferences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (isObject(ours) && isObject(theirs)) {
    const [a, b] = [byName(ours), byName(theirs)];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap(key =>
      key in a && key in b
        ? jsonDifferences(a[key], b[key], `${path}.${key}`)
        : [`${path}.${key}: only ${key in a ? 'ours' : 'theirs'}`],
    );
  }
  const same = JSON.stringify(ours) === JSON.stringify(theirs);
  return same ? [] : [`${path}: ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function byName(value: object): Record<string, unknown> {
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  const named = value.every(item => isObject(item) && 'name' in item);
  return Object.fromEntries(value.map((item, i) => [named ? (item as { name: string }).name : i, item]));
}
