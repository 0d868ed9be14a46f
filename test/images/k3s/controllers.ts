import { readdirSync, readFileSync, watch as watchFolder } from 'node:fs';
import { join } from 'node:path';
import { admit, nodeAddresses } from './admission.ts';
import { info, warn } from './log.ts';
import { isRecord, type KubeObject, stamp } from './objects.ts';
import { mergePatch, strategicPatch } from './patch.ts';
import { manifestDirectory } from './paths.ts';
import { resourceOf } from './resources.ts';
import { notes, type Store } from './store.ts';

/** What the cluster has from its first moment: namespaces and the `kubernetes` service. */
export function seed(store: Store): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    if (!store.get('namespaces', name)) apply(store, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }];
  const spec = { clusterIP: '10.43.0.1', ports };
  apply(store, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    spec,
  });
}

/** Creates the object or merges it into what is there. */
export function apply(store: Store, object: KubeObject): void {
  const resource = resourceOf(object.apiVersion, object.kind);
  const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
  const given = { ...object, metadata: { ...object.metadata, ...(namespace !== undefined && { namespace }) } };
  const old = store.get(resource.plural, object.metadata.name, namespace);
  store.put(resource.plural, old ? (mergePatch(old, given) as KubeObject) : admit(store, resource, given));
}

async function applyFile(store: Store, path: string): Promise<void> {
  const { loadAll } = await import('js-yaml');
  const documents = loadAll(readFileSync(path, 'utf8')).filter(isRecord) as KubeObject[];
  for (const document of documents) {
    try {
      apply(store, document);
    } catch (cause) {
      warn(`Skipping ${document.kind} of ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
}

/** Applies every manifest in k3s' manifest folder, and again whenever one changes, as k3s' deploy controller does. */
export function runManifests(store: Store): void {
  const run = (name: string) =>
    applyFile(store, join(manifestDirectory, name)).catch(cause =>
      warn(`Failed to process config: ${name}: ${String(cause)}`),
    );
  const isManifest = (name: string) => /\.(ya?ml|json)$/.test(name);
  const pending = new Map<string, NodeJS.Timeout>();
  watchFolder(manifestDirectory, (_event, name) => {
    if (name === null || !isManifest(name)) return;
    clearTimeout(pending.get(name));
    pending.set(name, setTimeout(run, 100, name));
  }).unref();
  for (const name of readdirSync(manifestDirectory).filter(isManifest)) void run(name);
}

/**
 * Keeps `NodeHosts` of CoreDNS, the addresses of load-balanced Services and what is behind the `kubernetes` Service in
 * step with the nodes; cleans up after them.
 */
export function runNodeController(store: Store, forget: (node: string) => void): void {
  const told = new Set<string>();
  store.changes.on('change', change => {
    if (change.resource !== 'nodes') return;
    const name = change.object.metadata.name;
    if (change.type === 'DELETED') {
      store.remove('leases', name, 'kube-node-lease');
      store.remove(notes, `password-${name}`);
      forget(name);
      setApiEndpoints(store);
    } else if (!told.has(name)) {
      told.add(name);
      setHosts(store);
      setApiEndpoints(store);
    }
    for (const service of store.list('services')) {
      if (!isRecord(service.spec) || service.spec.type !== 'LoadBalancer') continue;
      const status = { loadBalancer: { ingress: nodeAddresses(store.list('nodes')).map(ip => ({ ip })) } };
      store.put('services', { ...service, status });
    }
  });
}

/** Behind the `kubernetes` Service are the servers themselves. */
function setApiEndpoints(store: Store): void {
  const isServer = (node: KubeObject) => 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {});
  const addresses = nodeAddresses(store.list('nodes').filter(isServer));
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const port = { name: 'https', port: 6443, protocol: 'TCP' };
  apply(store, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    subsets: [{ addresses: addresses.map(ip => ({ ip })), ports: [port] }],
  });
  apply(store, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: addresses.map(address => ({ addresses: [address], conditions: { ready: true } })),
    ports: [port],
  });
}

/** Writes each node's address and name into the CoreDNS ConfigMap. */
export function setHosts(store: Store): void {
  const coredns = store.get('configmaps', 'coredns', 'kube-system');
  if (!coredns) return;
  const data = isRecord(coredns.data) ? coredns.data : {};
  const lines = String(data.NodeHosts ?? '')
    .split('\n')
    .filter(line => line !== '');
  for (const node of store.list('nodes')) {
    const { name } = node.metadata;
    const ip = node.metadata.annotations?.['k3s.io/internal-ip'];
    if (lines.includes(`${ip} ${name}`)) continue;
    const at = lines.findIndex(line => line.split(/\s+/)[1] === name);
    if (at >= 0) lines[at] = `${ip} ${name}`;
    else lines.push(`${ip} ${name}`);
    info(`Updated coredns node hosts entry [${ip} ${name}]`);
  }
  store.put('configmaps', { ...coredns, data: { ...data, NodeHosts: `${lines.join('\n')}\n` } });
  info('Cluster dns configmap has been set successfully');
}

/** Marks nodes NotReady whose lease nobody renewed for `grace` milliseconds, and Ready again when it is renewed. */
export function runNodeLifecycle(store: Store, grace: number): void {
  const began = Date.now();
  setInterval(() => {
    for (const node of store.list('nodes')) {
      const lease = store.get('leases', node.metadata.name, 'kube-node-lease');
      const spec = isRecord(lease?.spec) ? lease.spec : {};
      const seen = typeof spec.renewTime === 'string' ? Date.parse(spec.renewTime) : began;
      const status = isRecord(node.status) ? node.status : {};
      const list = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
      const ready = list.find(c => c.type === 'Ready')?.status;
      const gone = Date.now() - seen > grace;
      if (gone === (ready === 'Unknown')) continue;
      const now = stamp();
      const change = gone
        ? {
            type: 'Ready',
            status: 'Unknown',
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
          }
        : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
      const conditions = [{ ...change, lastTransitionTime: now, lastHeartbeatTime: new Date(seen).toISOString() }];
      store.put('nodes', strategicPatch(node, { status: { conditions } }) as KubeObject);
    }
  }, 500).unref();
}
