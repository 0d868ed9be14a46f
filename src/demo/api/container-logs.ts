import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { parseTime, stamp } from '../clock.ts';
import { frame, MULTIPLEXED, RAW } from '../framing.ts';
import type { LogLine } from '../log.ts';
import type { Route } from './routes.ts';

const logs = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  const streams = new Set([...(call.flag('stdout') ? [1] : []), ...(call.flag('stderr') ? [2] : [])]);
  if (streams.size === 0) throw new ApiError(400, 'Bad parameters: you must choose at least one stream');
  const since = parseTime(call.query.get('since')) ?? 0n;
  const until = parseTime(call.query.get('until'));
  const tailText = call.query.get('tail') ?? 'all';
  const tail = /^\d+$/.test(tailText) ? Number(tailText) : Number.POSITIVE_INFINITY;
  const tty = container.config.Tty === true;

  const wanted = (line: LogLine) =>
    (tty || streams.has(line.stream)) && line.nano >= since && (until === undefined || line.nano <= until);
  const send = (line: LogLine) => {
    const text = call.flag('timestamps') ? `${stamp(line.nano)} ${line.text}` : line.text;
    call.res.write(tty ? text : frame(line.stream, text));
  };

  call.stream(tty ? RAW : MULTIPLEXED);
  const past = container.log.lines.filter(wanted);
  for (const line of tail === 0 ? [] : past.slice(-tail)) send(line);
  if (!call.flag('follow') || !container.program) {
    call.res.end();
    return;
  }
  const stop = container.log.follow(line => {
    if (!line) call.res.end();
    else if (until !== undefined && line.nano > until) call.res.end();
    else if (wanted(line)) send(line);
  });
  call.onGone(stop);
};

/** Output from now on, as `docker attach` shows it; input is not passed on. */
const attach = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  const tty = container.config.Tty === true;
  const streams = new Set([...(call.flag('stdout') ? [1] : []), ...(call.flag('stderr') ? [2] : [])]);
  const stream = await call.hijack(tty ? RAW : MULTIPLEXED);
  const send = (line: LogLine) =>
    streams.has(line.stream) && stream.write(tty ? Buffer.from(line.text) : frame(line.stream, line.text));
  if (call.flag('logs')) container.log.lines.forEach(send);
  if (!call.flag('stream')) return stream.end();
  stream.input?.resume();
  const stop = container.log.follow(line => {
    if (line) send(line);
    else stream.end();
  });
  call.onGone(stop);
};

export const logRoutes: Route[] = [
  ['GET', '/containers/*/logs', logs],
  ['POST', '/containers/*/attach', attach],
];
