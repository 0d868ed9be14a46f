import { K3duiError } from '../errors.ts';

/** Docker's DeviceRequest. */
export type GpuRequest = {
  Driver: string;
  /** -1: all. */
  Count: number;
  DeviceIDs: string[] | null;
  Capabilities: string[][];
  Options: Record<string, string>;
};

/**
 * `all`, a number, or `KEY=VALUE[,KEY=VALUE…]` with driver, count, device, capabilities, options; what holds commas goes
 * in double quotes: `"device=0,1",driver=nvidia`. Docker's `--gpus` (docker/cli opts/gpus.go). Throws GPUS_INVALID.
 */
export function parseGpus(text: string): GpuRequest {
  const request: GpuRequest = { Driver: '', Count: 0, DeviceIDs: null, Capabilities: [['gpu']], Options: {} };
  const seen = new Set<string>();
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const key = equals < 0 ? 'count' : field.slice(0, equals);
    const value = field.slice(equals + 1);
    if (seen.has(key)) throw invalid(text, `gpu request key '${key}' can be specified only once`);
    seen.add(key);
    if (key === 'driver') request.Driver = value;
    else if (key === 'count') request.Count = parseCount(text, value);
    else if (key === 'device') request.DeviceIDs = value.split(',');
    else if (key === 'capabilities') request.Capabilities = [[...value.split(','), 'gpu']];
    else if (key === 'options') request.Options = Object.fromEntries(csvFields(value).map(pair));
    else throw invalid(text, `unexpected key '${key}' in '${field}'`);
  }
  if (!seen.has('count') && !seen.has('device')) request.Count = 1;
  return request;
}

function parseCount(text: string, value: string): number {
  if (value === 'all') return -1;
  if (!/^[+-]?\d{1,9}$/.test(value)) throw invalid(text, `value must be either "all" or an integer, not '${value}'`);
  return Number(value);
}

/** One line of comma separated values, quoted ones too. */
function csvFields(text: string): string[] {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (!match) throw invalid(text, 'a quote is not closed, or stands where none may');
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return fields;
  }
}

function pair(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function invalid(text: string, why: string): K3duiError {
  return new K3duiError({
    code: 'GPUS_INVALID',
    message: `invalid GPU request '${text}': ${why}`,
    hint: 'write all, a number, or device=ID; several devices in quotes: \'"device=0,1"\'',
  });
}
