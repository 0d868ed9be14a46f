import type { Docker } from '../../docker/docker.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { isK3duiError, type K3duiError, toK3duiError } from '../../errors.ts';
import { bareName } from '../container-name.ts';
import { pause } from '../wait.ts';
import { type LogLine, type LogSource, noteLine } from './log-line.ts';
import { readLines } from './read-lines.ts';

export type SourceState = 'opening' | 'live' | 'stopped' | 'gone' | 'lost';

/** Where following goes on after it was interrupted. */
export interface Position {
  /** Stamp of the last line, and how many lines had the same. */
  time: number;
  same: number;
}

/** Moves a position on to a line; in place, as this happens 20,000 times a second. */
export function advance(position: Position, time: number): void {
  if (position.time === time) {
    position.same++;
    return;
  }
  position.time = time;
  position.same = 1;
}

export interface FollowOptions {
  /** Lines of the past to begin with; absent: all. */
  tail?: number;
  /** Nothing older than this, in milliseconds. */
  since?: number;
  /** Go on behind this line instead. */
  after?: Position;
  /** Lines that are read again after a break at most; what is older in the break is left out. Absent: all. */
  catchUp?: number;
}

/** Who takes the lines in. */
export interface LineSink {
  /** Settles when more may come: reading waits for it, and the engine waits with it. */
  take(lines: LogLine[], entries: number): Promise<void> | undefined;
  /** A gap: lines in between were not read. */
  gap(): void;
  state(state: SourceState): void;
  /** Up to when lines are of earlier runs, in milliseconds; 0: there was none. */
  run(began: number): void;
  /** It does not run now and everything of it was taken. */
  ended?(): void;
}

/** After a short break so many lines are caught up with. */
export const CATCH_UP_LINES = 5000;
const RETRY_MILLISECONDS = [300, 1000, 2000, 4000];

/**
 * Follows one container's log until the signal aborts: through its stops, restarts and replacements, and through times
 * in which the engine is away. What happened is said in notes between the lines. Never throws.
 */
export async function followSource(
  docker: Docker,
  source: LogSource,
  index: number,
  options: FollowOptions,
  sink: LineSink,
  signal: AbortSignal,
): Promise<void> {
  const note = (text: string, time?: number) => sink.take([noteLine(`${source.name} ${text}`, index, time)], 0);
  const place: Place = { position: options.after && { ...options.after } };
  let { catchUp } = options;
  let startedAt: string | undefined;
  let id = source.id;
  let failures = 0;
  /** Why it could not be read, as was said last. */
  let trouble: K3duiError | undefined;
  let gone = false;
  while (!signal.aborted) {
    try {
      const inspect = await inspectSource(docker, id, source.name, signal);
      const { StartedAt, Running } = inspect.State;
      const first = startedAt === undefined;
      if (inspect.Id !== id && !first) await note('was replaced by a new container');
      else if (!first && startedAt !== StartedAt && Running) await note('started again');
      else if (trouble?.code === 'DOCKER_UNREACHABLE') await note('is read again: the engine is back');
      if (trouble?.code === 'DOCKER_UNREACHABLE') trouble = undefined;
      id = inspect.Id;
      gone = false;
      startedAt = StartedAt;
      sink.run(runBegan(inspect));
      sink.state(Running ? 'live' : 'stopped');
      await readOn(docker, id, index, { ...options, catchUp }, place, first, inspect, sink, signal);
      catchUp = CATCH_UP_LINES;
      failures = 0;
      trouble = undefined;
      if (signal.aborted) return;
      const now = await docker.inspectContainer(id, { signal });
      if (now.State.Running) continue;
      startedAt = now.State.StartedAt;
      sink.state('stopped');
      // Who comes back to a node that stood still all the time has been told already.
      if (!first || Running || options.after === undefined) await note(endText(now), endedAt(now));
      if (!now.State.Restarting) sink.ended?.();
      await waitForStart(docker, id, source.name, startedAt, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toK3duiError(thrown);
      if (error.code === 'NOT_FOUND') {
        sink.state('gone');
        if (!gone) await note('was removed');
        gone = true;
        sink.ended?.();
        startedAt ??= '';
        await waitForStart(docker, '', source.name, undefined, signal).catch(() =>
          pause(RETRY_MILLISECONDS[1]!, signal),
        );
        continue;
      }
      sink.state('lost');
      // Said once, however often it is tried: some logging drivers cannot be read at all.
      if (trouble?.message !== error.message) await note(`cannot be read for now: ${error.message}`);
      trouble = error;
      await pause(RETRY_MILLISECONDS[Math.min(failures++, RETRY_MILLISECONDS.length - 1)]!, signal);
    }
  }
}

/** How far a log was read, also when reading ended with an error. */
interface Place {
  position: Position | undefined;
}

/** Reads on until the log ends. Throws what reading throws. */
async function readOn(
  docker: Docker,
  id: string,
  index: number,
  { tail, since, catchUp }: FollowOptions,
  place: Place,
  first: boolean,
  inspect: ContainerInspect,
  sink: LineSink,
  signal: AbortSignal,
): Promise<void> {
  const began = runBegan(inspect);
  const after = place.position && { ...place.position };
  let again = after === undefined ? 0 : after.same;
  let read = 0;
  let previous = after?.time ?? 0;
  const options = { follow: true, tail: after === undefined ? tail : catchUp, since: after?.time ?? since };
  for await (const piece of readLines(docker, id, index, options, { signal })) {
    const lines: LogLine[] = [];
    for (const line of piece) {
      read++;
      if (after !== undefined && line.time <= after.time) {
        if (line.time < after.time || again-- > 0) continue;
      } else if (after !== undefined && read === 1) {
        // Nothing was read twice: there may be more in between than was asked for.
        sink.gap();
        lines.push(noteLine('… some lines in between were not read …', index, line.time));
      }
      // The same log holds all runs of the container; where the last one begins is said.
      if (first && previous > 0 && previous <= began && line.time > began) {
        lines.push(noteLine(runText(inspect.Name), index, line.time));
      }
      previous = line.time;
      lines.push(line);
      place.position ??= { time: line.time, same: 0 };
      advance(place.position, line.time);
    }
    const wait = lines.length > 0 ? sink.take(lines, piece.length) : undefined;
    if (wait !== undefined) await wait;
  }
}

/**
 * Up to when lines are of earlier runs. Docker notes the start only when the program has already begun to write, so the
 * end of the run before is what counts; it stays known while the next run goes on.
 */
function runBegan({ State }: ContainerInspect): number {
  const began = Date.parse(State.Running ? State.FinishedAt : State.StartedAt);
  return Number.isNaN(began) ? 0 : Math.max(0, began);
}

/** Said where in a log a container's last run begins. */
export const runText = (name: string): string => `${bareName(name)} started again here; above is its previous run`;

/** When it stopped; among the lines of other nodes that is where the note belongs. */
function endedAt({ State }: ContainerInspect): number | undefined {
  const ended = Date.parse(State.FinishedAt);
  return ended > 0 ? ended : undefined;
}

function endText({ State }: ContainerInspect): string {
  const why = State.OOMKilled ? ', out of memory' : State.Error === '' ? '' : `: ${State.Error}`;
  return `stopped, exit code ${State.ExitCode}${why}`;
}

/** By id, and when that is gone by name: the node may have been replaced. */
async function inspectSource(docker: Docker, id: string, name: string, signal: AbortSignal): Promise<ContainerInspect> {
  if (id === '') return docker.inspectContainer(name, { signal });
  try {
    return await docker.inspectContainer(id, { signal });
  } catch (error) {
    if (!isK3duiError(error, 'NOT_FOUND') || id === name) throw error;
    return docker.inspectContainer(name, { signal });
  }
}

/** Settles when the container was removed, or it or another of that name was started. Throws when the engine goes away. */
async function waitForStart(
  docker: Docker,
  id: string,
  name: string,
  startedAt: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const since = Date.now() / 1000 - 1;
  const events = docker.events({ types: ['container'], actions: ['start', 'destroy'], since }, { signal });
  const started = async () => {
    for await (const { Action, Actor } of events) {
      if (Action === 'destroy' && id !== '' && Actor.ID === id) return;
      if (Action !== 'start') continue;
      if ((id !== '' && Actor.ID === id) || Actor.Attributes.name === name) {
        const now = await inspectSource(docker, id, name, signal).catch(() => undefined);
        // The event may be the one of the run that has just ended.
        if (now !== undefined && (now.State.Running || now.State.StartedAt !== startedAt)) return;
      }
    }
  };
  await started();
}
