import type { ServerResponse } from 'node:http';
import type { KubeObject } from './objects.ts';
import { groupVersion, type Resource } from './resources.ts';
import { selector, type Test } from './selectors.ts';
import type { Change, Store } from './store.ts';
import { asTable } from './table.ts';

interface Target {
  resource: Resource;
  namespace: string | undefined;
  name: string | undefined;
}

/** Streams the changes of a kind, one JSON object a line, until the client leaves or its timeoutSeconds are over. */
export function watch(res: ServerResponse, store: Store, target: Target, query: URLSearchParams, table: boolean): void {
  const { resource, namespace, name } = target;
  const chosen = selector(query);
  const matches: Test = o =>
    (namespace === undefined || o.metadata.namespace === namespace) &&
    (name === undefined || o.metadata.name === name) &&
    chosen(o);
  res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  res.flushHeaders();
  const shape = (o: KubeObject) =>
    table
      ? asTable(resource.plural, [o], o.metadata.resourceVersion ?? '')
      : { ...o, apiVersion: groupVersion(resource), kind: resource.kind };
  const send = (type: string, object: unknown) => res.write(`${JSON.stringify({ type, object })}\n`);
  const pass = (change: Change) => {
    if (change.resource === resource.plural && matches(change.object)) send(change.type, shape(change.object));
  };

  const since = Number(query.get('resourceVersion') ?? 0);
  const initial = query.get('sendInitialEvents') === 'true';
  const oldest = store.history[0]?.revision ?? store.revision + 1;
  if (since === 0 || initial) {
    for (const object of store.list(resource.plural)) if (matches(object)) send('ADDED', shape(object));
  } else if (since < oldest - 1 && since < store.revision) {
    const message = `too old resource version: ${since} (${oldest})`;
    send('ERROR', {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Expired',
      code: 410,
    });
    res.end();
    return;
  } else {
    for (const change of store.history) if (change.revision > since) pass(change);
  }
  if (initial) {
    const metadata = { resourceVersion: String(store.revision), annotations: { 'k8s.io/initial-events-end': 'true' } };
    send('BOOKMARK', { kind: resource.kind, apiVersion: groupVersion(resource), metadata });
  }
  store.changes.on('change', pass);
  const seconds = Number(query.get('timeoutSeconds') ?? 1800);
  const end = setTimeout(() => res.end(), seconds * 1000);
  res.on('close', () => {
    clearTimeout(end);
    store.changes.off('change', pass);
  });
}
