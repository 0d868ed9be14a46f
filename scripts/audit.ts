import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * npm run audit
 * Asks npm's advisory service about every package of the lock file: all that the bundle is made of are development
 * dependencies. Fails on advisories that are high or critical. Where the service does not answer that is said, and is
 * no failure: a network without it must still be able to test.
 */

export interface Verdict {
  /** Packages with advisories that count, each with its title. */
  bad: string[];
  /** Lesser ones. */
  others: number;
  /** Why there is no verdict. */
  silent?: string;
}

/** What `npm audit --json` holds of what is needed here. */
interface Answer {
  message?: unknown;
  error?: { summary?: unknown; code?: unknown };
  vulnerabilities?: Record<string, { severity: string; via: (string | { title?: string; severity?: string })[] }>;
}

const COUNTS = ['high', 'critical'];
/** Milliseconds the service has to answer. */
const LIMIT = 30_000;

/** What npm printed, judged. An answer without a list of vulnerabilities is no answer, whatever npm's exit code was. */
export function judge(printed: string): Verdict {
  let answer: Answer;
  try {
    answer = JSON.parse(printed) as Answer;
  } catch {
    return { bad: [], others: 0, silent: printed.trim().split('\n').at(-1) || 'npm printed nothing' };
  }
  const { vulnerabilities } = answer;
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null) {
    const reason = answer.error?.summary || answer.message || answer.error?.code || 'it gave no list';
    // Which service npm is set to ask is nobody's business in a log.
    return { bad: [], others: 0, silent: String(reason).replace(/https?:\/\/\S+/g, 'the service') };
  }
  const found = Object.entries(vulnerabilities);
  const bad = found.filter(([, { severity }]) => COUNTS.includes(severity));
  return {
    bad: bad.map(([name, { severity, via }]) => {
      const titles = via.map(one => (typeof one === 'string' ? `by ${one}` : (one.title ?? ''))).filter(Boolean);
      return `${name} (${severity}): ${[...new Set(titles)].join('; ')}`;
    }),
    others: found.length - bad.length,
  };
}

/** Runs npm and judges what it says. */
export async function audit(): Promise<Verdict> {
  const args = ['audit', '--json', '--audit-level=high', '--fetch-retries=0', `--fetch-timeout=${LIMIT}`];
  // npm tells its scripts where it is; elsewhere the one on PATH is taken.
  const own = process.env.npm_execpath;
  const [file, all] = own ? [process.execPath, [own, ...args]] : ['npm', args];
  const child = spawn(file, all, {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: LIMIT * 2,
  });
  let printed = '';
  child.stdout.on('data', data => {
    printed += data;
  });
  const failure = await new Promise<string | undefined>(resolve => {
    child.on('error', error => resolve(error.message));
    child.on('close', () => resolve(undefined));
  });
  return failure === undefined ? judge(printed) : { bad: [], others: 0, silent: failure };
}

/** As lines for people; the first says it all. */
export function verdictLines({ bad, others, silent }: Verdict): string[] {
  const stars = '*'.repeat(80);
  if (silent !== undefined) {
    return [
      stars,
      'NOT AUDITED: the advisory service did not answer, so nobody looked for known weaknesses:',
      `  ${silent}`,
      stars,
    ];
  }
  const lesser = others > 0 ? `, ${others} lesser` : '';
  if (bad.length === 0) return [`no known weakness that is high or critical${lesser}`];
  return [`${bad.length} packages with a high or critical weakness${lesser}:`, ...bad.map(line => `  ${line}`)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const verdict = await audit();
  for (const line of verdictLines(verdict)) console.log(line);
  process.exitCode = verdict.bad.length > 0 ? 1 : 0;
}
