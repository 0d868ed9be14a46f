import { K3duiError } from '../errors.ts';
import { goJson, goYaml } from './go-output.ts';
import type { Output } from './io.ts';

export type StructuredFormat = 'json' | 'yaml';

/** What `--output` asks for; undefined: a table. Throws USAGE for what is neither (k3d silently prints a table). */
export function structuredFormat(output: string | undefined): StructuredFormat | undefined {
  const format = output?.toLowerCase();
  if (!format) return undefined;
  if (format === 'json' || format === 'yaml') return format;
  throw new K3duiError({
    code: 'USAGE',
    message: `unknown output format '${output}'`,
    hint: 'json or yaml; without --output a table',
  });
}

/** Prints as k3d does, which ends YAML with an empty line. */
export async function printStructured(output: Output, format: StructuredFormat, value: unknown): Promise<void> {
  output.write(format === 'json' ? goJson(value) : `${await goYaml(value)}\n`);
}
