import { K3duiError } from '../errors.ts';

export interface EnvVar {
  name: string;
  /** undefined: `NAME` alone, which to Docker means "not set, even if the image sets it". */
  value: string | undefined;
}

/** `NAME=VALUE` or `NAME`. Throws ENV_INVALID. */
export function parseEnv(text: string): EnvVar {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (name === '' || text.includes('\0')) {
    throw new K3duiError({
      code: 'ENV_INVALID',
      message: `invalid environment variable '${text}': ${name === '' ? 'it has no name' : 'it holds a NUL'}`,
      hint: 'write NAME=VALUE',
    });
  }
  return { name, value: equals < 0 ? undefined : text.slice(equals + 1) };
}
