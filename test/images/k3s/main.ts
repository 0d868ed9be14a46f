import { basename } from 'node:path';
import { readFaults } from './faults.ts';
import { Flags } from './flags.ts';
import { error, fatal, info } from './log.ts';
import { version } from './paths.ts';

// The names of stopped containers go unanswered where nothing outside can be asked: do not let them hold up the others.
process.env.RES_OPTIONS = 'timeout:1 attempts:1';
process.env.UV_THREADPOOL_SIZE = '16';

/** Ends the process when told to, after what K3S_FAKE_STOP asks for. */
function endOn(signal: NodeJS.Signals, stop: number): void {
  process.once(signal, () => {
    info(`Shutdown request received: ${signal}`);
    setTimeout(() => process.exit(0), stop);
  });
}

async function run(role: 'server' | 'agent', args: string[]): Promise<void> {
  let flags: Flags;
  try {
    flags = new Flags(args);
  } catch (cause) {
    process.stdout.write(`Incorrect Usage: ${(cause as Error).message}\n`);
    fatal((cause as Error).message);
  }
  const faults = readFaults();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'] as const) endOn(signal, faults.stop);
  if (role === 'agent') return (await import('./agent.ts')).runAgent(flags, faults, [role, ...args]);
  await (await import('./server.ts')).runServer(flags, faults, [role, ...args]);
}

const tools: Record<string, (args: string[]) => Promise<number>> = {
  kubectl: async args => (await import('./kubectl.ts')).kubectl(args),
  crictl: async args => (await import('./crictl.ts')).crictl(args),
  ctr: async args => (await import('./ctr.ts')).ctr(args),
};

async function main(): Promise<void> {
  const called = basename(process.argv[1] ?? 'k3s');
  const args = process.argv.slice(2);
  const [word = '', ...rest] = tools[called] ? [called, ...args] : args;
  const tool = tools[word];
  if (tool) process.exitCode = await tool(rest);
  else if (word === 'server' || word === 'agent') await run(word, rest);
  else if (word === '--version' || word === '-v')
    process.stdout.write(`k3s version ${version()} (5ab1e0d5)\ngo version stand-in\n`);
  else if (word === '' || word === 'help' || word === '--help')
    process.stdout.write('NAME:\n   k3s - Kubernetes, but small and simple (a stand-in)\n');
  else {
    error(`No help topic for '${word}'`);
    process.exitCode = 3;
  }
}

main().catch((cause: unknown) => fatal(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));
