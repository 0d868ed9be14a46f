import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import Docker from 'dockerode';
import { imageNames } from '../test/bed/names.ts';
import { ping } from '../test/bed/ping.ts';
import { buildImages } from '../test/images/build.ts';
import { audit, type Verdict, verdictLines } from './audit.ts';

/*
 * npm test [-- [NAME…] [--project unit|demo|screen|docker]]
 * Lint and types, known weaknesses of dependencies, build, then every test, against a real Docker engine where there is one or one can be had.
 * With names or a project only the tests of those. The last line is always `N passed, N failed, N skipped`.
 */

/** What vitest's JSON report holds of what is needed here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs a program to its end with its output shown. @returns its exit code, 1 where a signal ended it */
function run(title: string, program: string, args: string[], env = process.env): Promise<number> {
  say(`\n== ${title}`);
  const began = Date.now();
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
    child.on('error', cause => {
      say(`${program} could not be started: ${cause.message}`);
      resolve(1);
    });
    child.on('close', code => {
      if (code !== 0) say(`FAILED: ${title} (exit code ${code})`);
      else say(`ok: ${title}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
      resolve(code ?? 1);
    });
  });
}

/** Brings up the engine and builds the images. @returns why there is no testing against Docker, or undefined */
async function prepareDocker(): Promise<string | undefined> {
  say('\n== Docker engine and test images');
  const up = spawnSync(join(root, 'test/bed/dockerd-up.sh'), {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  process.stderr.write(up.stderr);
  const docker = new Docker();
  try {
    await ping(docker);
  } catch {
    return up.stderr.trim().split('\n').at(-1) || 'no Docker engine answers';
  }
  try {
    const { Version } = await docker.version();
    say(`engine ${Version} answers`);
    await buildImages(docker, say);
    for (const [name, value] of Object.entries(imageNames(process.env))) say(`${name}=${value}`);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** What did not pass, and what passed at its second try, a line each: what is wrong is read at the end of a long log. */
function summary(files: Report['testResults']): string[] {
  return files.flatMap(file => {
    const lines = file.assertionResults
      .filter(test => test.status === 'failed' || test.failureMessages.length > 0)
      .map(test => {
        const why = (test.failureMessages[0] ?? '').split('\n')[0];
        return `${test.status === 'failed' ? 'FAILED' : 'passed at its second try'}: ${test.fullName}: ${why}`;
      });
    if (isBroken(file)) lines.push('FAILED: could not be loaded');
    return lines.map(line => `${relative(root, file.name)}: ${line}`);
  });
}

/** True for a file that failed although none of its tests did. */
const isBroken = ({ status, assertionResults }: Report['testResults'][number]): boolean =>
  status === 'failed' && !assertionResults.some(test => test.status === 'failed');

/** Runs vitest and reads its report; a file that could not be loaded counts as one failed test. */
async function runTests(
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ passed: number; failed: number; skipped: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-report-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await run(`tests ${args.join(' ')}`.trim(), bin('vitest'), ['run', ...reporters, ...args], env);
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    const failed = report.numFailedTests + report.testResults.filter(isBroken).length;
    for (const line of summary(report.testResults)) say(line);
    if (code !== 0 && failed === 0)
      say('Every test passed, but an error was thrown outside of any test: see above. It counts as one failure.');
    return {
      passed: report.numPassedTests,
      failed: code !== 0 && failed === 0 ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const everything = args.length === 0;
  const chosen = args.flatMap((a, i) =>
    a === '--project' ? (args[i + 1] ?? '') : (/^--project=(.*)$/.exec(a)?.[1] ?? []),
  );
  let failed = 0;
  let audited: Verdict | undefined;
  if (everything) {
    failed += Number((await run('lint and format', bin('biome'), ['check', '.'])) !== 0);
    failed += Number((await run('types', bin('tsc'), [])) !== 0);
    say('\n== known weaknesses of dependencies');
    audited = await audit();
    for (const line of verdictLines(audited)) say(line);
    failed += Number(audited.bad.length > 0);
  }
  failed += Number((await run('build', process.execPath, ['scripts/build.ts'])) !== 0);
  const wantsDocker = chosen.length === 0 || chosen.some(p => p === 'docker' || p === 'screen');
  const without = wantsDocker ? await prepareDocker() : undefined;
  const env: NodeJS.ProcessEnv = { ...process.env, ...imageNames(process.env) };
  if (without === undefined) env.K3DUI_TEST_IMAGES_READY = '1';
  else env.K3DUI_TEST_NO_DOCKER = without;

  const result = await runTests(args, env);
  failed += result.failed;
  if (without !== undefined) {
    say('\n********************************************************************************');
    say('LEFT OUT: every test against a real Docker engine, because:');
    say(`  ${without}`);
    if (process.env.CI === 'true') {
      say('With CI=true that is a failure.');
      failed++;
    }
    say('********************************************************************************');
  }
  // Said again where it is read.
  if (audited?.silent !== undefined) for (const line of ['', ...verdictLines(audited)]) say(line);
  say('');
  process.exitCode = failed > 0 ? 1 : 0;
  say(`${result.passed} passed, ${failed} failed, ${result.skipped} skipped`);
}

await main();
