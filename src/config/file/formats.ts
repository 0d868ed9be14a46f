import { isIP, isIPv4 } from 'node:net';
import { K3duiError } from '../../errors.ts';
import { isHostname } from '../cluster-name.ts';
import { parseDuration } from '../duration.ts';
import { parseEnv } from '../env.ts';
import { parseGpus } from '../gpus.ts';
import { parseLabel, parseRuntimeLabel } from '../labels.ts';
import { parseLbOverride } from '../lb-overrides.ts';
import { parseMemory } from '../memory.ts';
import { checkNodeFilter } from '../node-filters.ts';
import { parsePortSpec } from '../ports.ts';
import { parseSubnet } from '../subnet.ts';
import { ULIMIT_NAMES } from '../ulimits.ts';
import { fileDestination, parseVolume } from '../volumes.ts';

/** Grammars that texts in a config file follow; the two that JSON schema knows have its names. */
export type Format = keyof typeof FORMATS;

/** Each throws a K3duiError that says what is wrong with the text. An empty text is as good as none and not asked about. */
const FORMATS = {
  hostname: check(isHostname, 'the letters, digits and dashes of a host name'),
  ipv4: check(isIPv4, 'an address such as 0.0.0.0'),
  address: check(text => isIP(text) > 0, 'an IP address'),
  'alias name': check(isHostname, 'the letters, digits and dashes of a host name'),
  'host port': check(
    text => text === 'random' || (/^\d{1,5}$/.test(text) && Number(text) < 65536),
    'a port number in quotes, or random',
  ),
  subnet: text => text === 'auto' || parseSubnet(text),
  volume: parseVolume,
  port: parsePortSpec,
  variable: parseEnv,
  label: parseLabel,
  'container label': parseRuntimeLabel,
  limit: check(text => ULIMIT_NAMES.includes(text), `one of ${ULIMIT_NAMES.join(', ')}`),
  'node filter': checkNodeFilter,
  'file destination': fileDestination,
  memory: parseMemory,
  GPUs: parseGpus,
  duration: text => parseDuration(text),
  'load balancer setting': parseLbOverride,
} satisfies Record<string, (text: string) => unknown>;

/** What is wrong with the text by that grammar; undefined: nothing. */
export function formatProblem(format: Format, text: string): K3duiError | undefined {
  if (text === '') return undefined;
  try {
    FORMATS[format](text);
    return undefined;
  } catch (error) {
    if (error instanceof K3duiError) return error;
    throw error;
  }
}

function check(holds: (text: string) => boolean, wanted: string): (text: string) => void {
  return text => {
    if (holds(text)) return;
    throw new K3duiError({ code: 'FORMAT', message: `'${text}' is not ${wanted}`, hint: `write ${wanted}` });
  };
}
