import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The kernel counts processor time in these. */
const TICKS_PER_SECOND = 100;

export interface Sample {
  min: number;
  median: number;
  p99: number;
  max: number;
}

/** Of a list of figures. */
export function summarise(figures: number[]): Sample {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), p99: at(0.99), max: at(1) };
}

/** Wall time of a whole process, in milliseconds. Rejects with its output when it fails. */
export async function timeProcess(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const begin = performance.now();
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const milliseconds = performance.now() - begin;
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}`);
  return milliseconds;
}

/** `1.23 s` or `12.3 ms` */
export function time(milliseconds: number): string {
  return milliseconds >= 1000
    ? `${(milliseconds / 1000).toFixed(2)} s`
    : `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`;
}

/** `0.93 s (0.90–1.02)` */
export function spread(sample: Sample): string {
  return `${time(sample.median)} (${time(sample.min)} – ${time(sample.max)})`;
}

/** Processor time that a process took so far, in seconds, its threads' included. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory that a process holds, in MB. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

/** Whether a program to compare with is on PATH. */
export function isHere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}
