import { HIDDEN } from './text.ts';

/** Environment variables, labels and flags that carry a secret. */
export const SECRET_NAME = /token|password|secret|passwd|credential/i;

/** The password in `postgres://user:password@host`. */
export const URL_PASSWORD = /(:\/\/[^:@/\s]*:)[^@/\s]+@/g;

/** A path or a flag names where a secret is, it is none; hiding `true` would garble everything. */
export function isSecretValue(value: string): boolean {
  return value.length > 3 && value !== 'true' && value !== 'false' && value !== HIDDEN && !/^[-/]/.test(value);
}

/** The secrets in `NAME=VALUE`, `--flag=VALUE` or any text: what `withoutSecret` hides. */
export function secretsIn(text: string): string[] {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  if (SECRET_NAME.test(name) && isSecretValue(value)) return [value];
  return [...text.matchAll(URL_PASSWORD)]
    .map(([found, before = '']) => found.slice(before.length, -1))
    .filter(isSecretValue);
}

/** `NAME=VALUE`, `--flag=VALUE` or any text without its secret; the same text when it has none. */
export function withoutSecret(text: string): string {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  if (SECRET_NAME.test(name) && isSecretValue(value)) return `${name}=${HIDDEN}`;
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`);
}
