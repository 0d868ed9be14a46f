import { useContext, useEffect } from 'react';
import type { Operation } from '../../src/engine/operation.ts';
import type { OperationEvent } from '../../src/engine/operation-events.ts';
import { formatBytes, formatDuration, sanitise } from '../../src/text.ts';
import type { Controller } from '../controller.ts';
import { VoiceContext } from './voice-context.ts';
import { sentence } from './words.ts';

/** Seconds between two lines about the same download. */
const BYTES_SECONDS = 10;

/** Reads out what operations do: that one began, each step that ended, and how it ended. */
export function useSpokenOperations(app: Controller): void {
  const voice = useContext(VoiceContext);
  const { operations } = app.engine;
  useEffect(() => {
    if (voice === undefined) return;
    const followed = new WeakMap<Operation, () => void>();
    const ends = new Set<() => void>();
    const look = (): void => {
      for (const operation of operations.operations) {
        if (followed.has(operation) || operation.endedAt !== undefined) continue;
        const words = operationWords();
        const tell = (event: OperationEvent): void => {
          const line = words(event);
          if (line !== '') voice.say(line);
          if (event.type === 'operation.ended') stop();
        };
        for (const event of operation.events) tell(event);
        const unsubscribe = operation.subscribe(tell);
        const stop = (): void => {
          unsubscribe();
          ends.delete(stop);
        };
        ends.add(stop);
        followed.set(operation, stop);
      }
    };
    look();
    const unsubscribe = operations.subscribe(look);
    return () => {
      unsubscribe();
      for (const end of [...ends]) end();
    };
  }, [voice, operations]);
}

/** Says one event after the other in words; empty for what is not worth a line. */
export function operationWords(): (event: OperationEvent) => string {
  let steps = 0;
  let done = 0;
  const bytesAt = new Map<string, number>();
  return event => {
    switch (event.type) {
      case 'operation.started':
        steps = event.steps.length;
        return sentence(`Started: ${sanitise(event.title)}, ${steps} step${steps === 1 ? '' : 's'}`);
      case 'step.progress': {
        const last = bytesAt.get(event.step) ?? 0;
        if (event.bytes === undefined || event.at - last < BYTES_SECONDS * 1000) return '';
        bytesAt.set(event.step, event.at);
        const of = event.totalBytes ? ` of ${formatBytes(event.totalBytes)}` : '';
        return sentence(`${stepText(event)}: ${formatBytes(event.bytes)}${of}`);
      }
      case 'step.done':
        done++;
        return sentence(`${done} of ${steps}: ${stepText(event)}, ${formatDuration(event.milliseconds)}`);
      case 'step.failed':
        return sentence(
          `Failed${event.optional ? ', going on' : ''}: ${stepText(event)}: ${sanitise(event.error.message)}`,
        );
      case 'step.undone':
        if (event.error) return sentence(`Could not undo: ${stepText(event)}: ${sanitise(event.error.message)}`);
        return sentence(`Undone: ${stepText(event)}`);
      case 'operation.state':
        return event.state === 'undoing' ? 'Undoing what was done.' : event.state === 'cancelling' ? 'Cancelling.' : '';
      default:
        // How it ended is the status line's to say.
        return '';
    }
  };
}

/** `k3d-demo-server-0: start`; the node's name once. */
function stepText({ title, subject }: { title: string; subject?: string }): string {
  return sanitise(subject === undefined || title.includes(subject) ? title : `${subject}: ${title}`);
}
