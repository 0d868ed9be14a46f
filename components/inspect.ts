import { dump } from 'js-yaml';
import type { ContainerInspect } from '../src/docker/types.ts';
import type { Engine } from '../src/engine/engine.ts';
import type { Node } from '../src/engine/model.ts';
import { toK3duiError } from '../src/errors.ts';
import { isSecretValue, SECRET_NAME, URL_PASSWORD } from '../src/secret-names.ts';
import { HIDDEN, hideSecrets, sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { type Place, placeKey } from './state/navigation.ts';
import { clustersOf } from './subject.ts';

/** Names of containers that `y` would show. */
export function inspectable(app: Controller, place: Place): { title: string; containers: string[] } | undefined {
  if (place.screen === 'nodes' || place.screen === 'node') {
    const [node] = place.screen === 'node' ? app.nodes.chosen(place) : [app.selectedRow(place) as Node | undefined];
    return node && { title: node.name, containers: [node.id] };
  }
  const [cluster] = clustersOf(app, place);
  if (cluster === undefined) return undefined;
  const nodes = app.snapshot.nodes.filter(node => node.cluster === cluster.name);
  return { title: cluster.name, containers: nodes.map(node => node.id) };
}

/** Opens the screen with Docker's inspect of what is selected. */
export function inspect(app: Controller): void {
  const wanted = inspectable(app, app.place);
  if (wanted === undefined) return;
  const place: Place = { screen: 'yaml', subject: wanted.title };
  const key = placeKey(place);
  app.store.dispatch({ type: 'document', document: { key, lines: undefined } });
  app.open(place);
  inspectDocument(app.engine, wanted.containers).then(
    lines => app.store.dispatch({ type: 'document', document: { key, lines } }),
    error => app.store.dispatch({ type: 'document', document: { key, lines: [], error: toK3duiError(error) } }),
  );
}

/** Docker's inspect of these containers as YAML lines, sanitised, every secret hidden. */
async function inspectDocument(engine: Engine, containers: readonly string[]): Promise<string[]> {
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
