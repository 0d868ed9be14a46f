import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDuration } from '../config/duration.ts';
import { exportLogs } from '../engine/logs/export.ts';
import { followSource, type SourceState } from '../engine/logs/follow.ts';
import type { LogLine, LogSource } from '../engine/logs/log-line.ts';
import { mergedLines, type ReadOptions, readLines } from '../engine/logs/read-lines.ts';
import { Reorder } from '../engine/logs/reorder.ts';
import { stampText } from '../engine/logs/stamp.ts';
import type { Node } from '../engine/model.ts';
import { K3duiError } from '../errors.ts';
import { formatBytes, pad, sanitise, sanitiseAnsi, stringWidth } from '../text.ts';
import { flag, handle, type Run, type Session } from './command.ts';
import type { Io } from './io.ts';
import { usesColour } from './log.ts';
import { clusterNamed, nodeNamed, picture } from './picture.ts';

interface LogFlags {
  follow?: boolean;
  since?: string;
  tail?: string;
  grep?: string;
  invertMatch?: boolean;
  output?: string;
}

/** `node logs NAME…`: ours, k3d has none. */
export function addNodeLogs(node: Command, session: Session): void {
  const logs = node.command('logs NAME...').description('show the logs of nodes, of several in time order');
  addLogFlags(logs);
  handle<LogFlags>(logs, session, run => showLogs(run, (snapshot, name) => [nodeNamed(snapshot, name)]));
}

/** `cluster logs NAME…`: the same for all nodes of clusters. */
export function addClusterLogs(cluster: Command, session: Session): void {
  const logs = cluster.command('logs NAME...').description('show or export the logs of all nodes of clusters');
  addLogFlags(logs);
  handle<LogFlags>(logs, session, run =>
    showLogs(run, (snapshot, name) => {
      const { servers, agents, loadBalancer, registries, others } = clusterNamed(snapshot, name);
      return [...servers, ...agents, ...(loadBalancer ? [loadBalancer] : []), ...others, ...registries];
    }),
  );
}

function addLogFlags(command: Command): void {
  flag(command, '-f, --follow', 'go on with what is logged from now on, until all nodes have stopped');
  command
    .option('--since <time>', 'only what was logged since: a duration (5m) or a time (2026-11-23T05:27:38Z)')
    .option('--tail <lines>', 'only so many lines of the past of each node')
    .option('--grep <pattern>', 'only lines that match a regular expression, capital or not')
    .option('-o, --output <folder>', 'write each log as a file into this folder instead');
  flag(command, '--invert-match', 'with --grep: only lines that do not match');
}

async function showLogs(
  run: Run<LogFlags>,
  nodesOf: (snapshot: Awaited<ReturnType<typeof picture>>, name: string) => Node[],
): Promise<number | undefined> {
  const { args, flags, io } = run;
  const since = flags.since === undefined ? undefined : sinceTime(flags.since, Date.now());
  const tail = flags.tail === undefined || flags.tail === 'all' ? undefined : tailLines(flags.tail);
  const passes = linePasses(flags.grep, flags.invertMatch === true);
  if (flags.output !== undefined && (flags.follow || flags.grep !== undefined)) {
    throw new K3duiError({
      code: 'USAGE',
      message: '--output writes whole logs: it goes with neither --follow nor --grep',
    });
  }
  const engine = await run.engine();
  const snapshot = await picture(engine, io.interrupts.signal);
  const nodes = new Map(args.flatMap(name => nodesOf(snapshot, name)).map(node => [node.id, node]));
  const sources = [...nodes.values()].map(({ id, name }) => ({ id, name }));
  const { docker } = engine;
  const { signal } = io.interrupts;
  if (flags.output !== undefined) {
    const folder = resolve(flags.output);
    const files = await exportLogs(docker, sources, folder, { since, tail }, signal);
    for (const { name, path, lines, bytes } of files) {
      run.log.info(`${sanitise(name)}: ${lines} lines, ${formatBytes(bytes)} in ${sanitise(path)}`);
    }
    return 0;
  }
  const print = printer(io, sources, flags.timestamps === true, passes);
  const options: ReadOptions = { since, tail };
  if (flags.follow) {
    const stop = io.interrupts.onAgain(() => {});
    try {
      await followAll(docker, sources, options, print, signal, io);
    } finally {
      stop();
    }
    return signal.aborted ? io.interrupts.exitCode : 0;
  }
  const readers = sources.map(({ id }, index) => readLines(docker, id, index, options, { signal }));
  for await (const line of mergedLines(readers)) {
    print(line);
    if (io.stdout.closed) return 0;
  }
  return 0;
}

/** Follows all of them until each has stopped or the signal aborts. */
async function followAll(
  docker: Parameters<typeof followSource>[0],
  sources: readonly LogSource[],
  { since, tail }: ReadOptions,
  print: (line: LogLine) => void,
  signal: AbortSignal,
  io: Io,
): Promise<void> {
  const end = new AbortController();
  const reading = AbortSignal.any([signal, end.signal]);
  const reorder = new Reorder(sources.length);
  const states: SourceState[] = sources.map(() => 'opening');
  const flush = (lines: LogLine[]): void => {
    for (const line of lines) print(line);
    if (io.stdout.closed) end.abort();
  };
  const timer = setInterval(() => flush(reorder.take(performance.now())), 40);
  try {
    await Promise.all(
      sources.map((source, index) => {
        const sink = {
          take(lines: LogLine[]): undefined {
            // A single log needs no ordering, and no waiting for it.
            if (sources.length === 1) return flush(lines) as undefined;
            for (const line of lines) reorder.add(line, performance.now());
            if (reorder.full) flush(reorder.take(performance.now()));
            return undefined;
          },
          gap: () => {},
          run: () => {},
          state(state: SourceState) {
            states[index] = state;
          },
          ended() {
            if (states.every(one => one === 'stopped' || one === 'gone')) end.abort();
          },
        };
        return followSource(docker, source, index, { tail, since }, sink, reading);
      }),
    );
  } finally {
    clearInterval(timer);
    flush(reorder.takeAll());
  }
}

/** Writes lines to standard output: safe for a terminal when it is one, as they came when it is not. */
function printer(
  io: Io,
  sources: readonly LogSource[],
  times: boolean,
  passes: (text: string) => boolean,
): (line: LogLine) => void {
  const { stdout, stderr } = io;
  const colours = usesColour(stdout, io.env);
  const names = sources.map(({ name }) => sanitise(name));
  const width = Math.max(...names.map(stringWidth));
  const prefix = names.map((name, index) => {
    if (names.length === 1) return '';
    const cell = `${pad(name, width)} |`;
    return colours ? `\x1b[${31 + ((index + 1) % 6)}m${cell}\x1b[0m ` : `${cell} `;
  });
  return line => {
    const raw = line.bytes.toString();
    if (line.note) {
      stderr.write(`-- ${sanitise(raw)} --\n`);
      return;
    }
    const plain = sanitise(raw);
    if (!passes(plain)) return;
    const text = !stdout.isTTY ? raw : colours ? sanitiseAnsi(raw) : plain;
    const cut = line.dropped > 0 ? `… (${formatBytes(line.dropped)} more)` : '';
    const time = times ? `${stampText(line.time)} ` : '';
    stdout.write(`${prefix[line.source] ?? ''}${time}${text}${cut}\n`);
  };
}

/** `5m`, `2026-11-23T05:27:38Z` or seconds since the epoch as milliseconds since the epoch. Throws USAGE. */
export function sinceTime(text: string, now: number): number {
  if (/^\d{9,}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return time;
  }
  try {
    return now - Math.abs(parseDuration(text));
  } catch {
    throw new K3duiError({
      code: 'USAGE',
      message: `invalid value '${text}' for --since: neither a duration nor a time`,
      hint: 'for example --since 10m, or --since 2026-11-23T05:27:38Z',
    });
  }
}

function tailLines(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new K3duiError({
    code: 'USAGE',
    message: `invalid value '${text}' for --tail: not a number of lines`,
    hint: 'for example --tail 100, or --tail all',
  });
}

function linePasses(grep: string | undefined, inverted: boolean): (text: string) => boolean {
  if (grep === undefined) return () => true;
  try {
    const expression = new RegExp(grep, 'iu');
    return text => expression.test(text) !== inverted;
  } catch (error) {
    throw new K3duiError({
      code: 'USAGE',
      message: `invalid value '${grep}' for --grep: ${error instanceof Error ? error.message : 'not a regular expression'}`,
      hint: 'put a backslash before what is meant as it stands, for example \\[error\\]',
    });
  }
}
