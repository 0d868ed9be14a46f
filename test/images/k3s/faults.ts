import { fatal } from './log.ts';

/** What the environment asks the stand-in to do wrong; all times in milliseconds. */
export interface Faults {
  /** K3S_FAKE_SLOW: from the start of the API server until it is ready. */
  slow: number;
  /** K3S_FAKE_STOP: how long SIGTERM takes. */
  stop: number;
  /** K3S_FAKE_NODE_GRACE: how long after a node's last sign of life it becomes NotReady. */
  nodeGrace: number;
  /** K3S_FAKE_NODE_READY: after registering, until the node is Ready. */
  nodeReady: number;
}

function milliseconds(name: string, otherwise: number): number {
  const value = Number(process.env[name]);
  return process.env[name] !== undefined && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

/**
 * Reads the K3S_FAKE_* environment and sets going what needs no help: K3S_FAKE_LOOP ends the process at once with a
 * fatal line (Docker's restart policy then makes it loop), K3S_FAKE_DIE=ms[:exitcode] ends it after a time.
 */
export function readFaults(): Faults {
  if (process.env.K3S_FAKE_LOOP && process.env.K3S_FAKE_LOOP !== '0')
    fatal('starting kubernetes: preparing server: told to loop by K3S_FAKE_LOOP');
  const die = /^(\d+)(?::(\d+))?$/.exec(process.env.K3S_FAKE_DIE ?? '');
  if (die) {
    setTimeout(() => {
      process.stderr.write(`panic: told to die by K3S_FAKE_DIE=${process.env.K3S_FAKE_DIE}\n`);
      process.exit(Number(die[2] ?? 1));
    }, Number(die[1]));
  }
  return {
    slow: milliseconds('K3S_FAKE_SLOW', 0),
    stop: milliseconds('K3S_FAKE_STOP', 0),
    nodeGrace: milliseconds('K3S_FAKE_NODE_GRACE', 6000),
    nodeReady: milliseconds('K3S_FAKE_NODE_READY', 0),
  };
}
