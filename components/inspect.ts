import { dump } from 'js-yaml';
import type { ContainerInspect } from '../src/docker/types.ts';
import type { Engine } from '../src/engine/engine.ts';
import { HIDDEN, hideSecrets, sanitise } from '../src/text.ts';

/** Environment variables, labels and flags that carry a secret. */
const SECRET_NAME = /token|password|secret|passwd|credential/i;

/** The password in `postgres://user:password@host`. */
const URL_PASSWORD = /(:\/\/[^:@/\s]*:)[^@/\s]+@/g;

/** Docker's inspect of these containers as YAML lines, sanitised, every secret hidden. */
export async function inspectDocument(engine: Engine, containers: readonly string[]): Promise<string[]> {
  const inspects = await Promise.all(containers.map(container => engine.docker.inspectContainer(container)));
  return inspects.flatMap((inspect, index) => [...(index > 0 ? ['---'] : []), ...inspectLines(inspect)]);
}

/** One container's inspect as YAML lines without its secrets. */
export function inspectLines(inspect: ContainerInspect): string[] {
  const secrets = secretsOf(inspect);
  const text = hideSecrets(dump(inspect, { lineWidth: -1, noRefs: true, skipInvalid: true }), secrets);
  return text
    .trimEnd()
    .split('\n')
    .map(line => sanitise(line).replace(URL_PASSWORD, `$1${HIDDEN}@`));
}

/** Values that must not be shown: of tokens and passwords in the environment, in labels and in arguments. */
export function secretsOf(inspect: ContainerInspect): string[] {
  const pairs: [string, string][] = [
    ...Object.entries(inspect.Config?.Labels ?? {}),
    ...(inspect.Config?.Env ?? []).map(splitPair),
  ];
  const words = [...(inspect.Config?.Cmd ?? []), ...(inspect.Args ?? []), ...(inspect.Config?.Entrypoint ?? [])];
  words.forEach((word, index) => {
    const [flag, value] = splitPair(word);
    if (flag.startsWith('-')) pairs.push([flag, value || (words[index + 1] ?? '')]);
  });
  return pairs.filter(([name, value]) => SECRET_NAME.test(name) && isSecretValue(value)).map(([, value]) => value);
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A path or a flag names where a secret is, it is none; hiding `true` would garble everything. */
function isSecretValue(value: string): boolean {
  return value.length > 3 && value !== 'true' && value !== 'false' && value !== HIDDEN && !/^[-/]/.test(value);
}
