import type { Call } from '../call.ts';
import { parseTime } from '../clock.ts';
import type { EngineEvent } from '../event-log.ts';
import { anyMatch, type Filters, labelsMatch, oneOf, parseFilters } from '../filters.ts';
import type { Route } from './routes.ts';

const events = (call: Call): void => {
  const filters = parseFilters(call.query.get('filters'));
  const since = parseTime(call.query.get('since'));
  const until = parseTime(call.query.get('until'));
  call.stream('application/json');
  const send = (event: EngineEvent) => {
    if (wanted(event, filters)) call.res.write(`${JSON.stringify(event)}\n`);
  };
  if (since !== undefined) {
    for (const { nano, event } of call.world.events.past) {
      if (nano >= since && (until === undefined || nano <= until)) send(event);
    }
  }
  const left = until === undefined ? undefined : Number(until / 1_000_000n) - Date.now();
  if (left !== undefined && left <= 0) {
    call.res.end();
    return;
  }
  const stop = call.world.events.listen(send);
  const timer = left === undefined ? undefined : setTimeout(() => call.res.end(), left);
  call.onGone(() => {
    stop();
    clearTimeout(timer);
  });
};

function wanted(event: EngineEvent, filters: Filters): boolean {
  const { ID, Attributes } = event.Actor;
  const names = [ID, Attributes.name ?? ''];
  // `exec_create: sh` is matched by `exec_create`, as Docker does.
  const actions = [event.Action, event.Action.split(':')[0]!];
  return (
    oneOf(filters, 'type', [event.Type]) &&
    oneOf(filters, 'event', actions) &&
    labelsMatch(filters, Attributes) &&
    (!filters.get('container')?.length || (event.Type === 'container' && anyMatch(filters, 'container', names))) &&
    (!filters.get('network')?.length || (event.Type === 'network' && anyMatch(filters, 'network', names))) &&
    (!filters.get('volume')?.length || (event.Type === 'volume' && oneOf(filters, 'volume', [ID]))) &&
    (!filters.get('image')?.length || oneOf(filters, 'image', [ID, Attributes.image ?? '', Attributes.name ?? '']))
  );
}

export const eventRoutes: Route[] = [['GET', '/events', events]];
