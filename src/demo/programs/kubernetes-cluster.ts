import { createSecureContext, type SecureContext } from 'node:tls';
import { type Certificate, makeCertificate } from '../certificate.ts';
import type { Container } from '../types.ts';
import type { World } from '../world.ts';
import { KubeNetwork } from './kubernetes-network.ts';
import { type KubeObject, KubeStore, makeObject, now, randomSuffix } from './kubernetes-objects.ts';
import { nodeLabels, nodeStatus, service } from './kubernetes-shapes.ts';
import { placeWaiting } from './kubernetes-troubles.ts';

/** One simulated Kubernetes cluster: its members, certificates and objects. It outlives restarts of its containers. */
export class KubeCluster {
  readonly world: World;
  readonly token: string;
  readonly store = new KubeStore();
  /** Servers by node name: with more than one, a majority must run. */
  readonly members = new Map<string, Container>();
  /** Servers whose API answers. */
  readonly ready = new Set<Container>();
  /** Nodes that registered, by node name. */
  readonly nodes = new Map<string, Container>();
  /** Node name → password it came with first; another one is turned away, as k3s does. */
  readonly passwords = new Map<string, string>();
  #serverCa: Certificate | undefined;
  #clientCa: Certificate | undefined;
  #client: Certificate | undefined;
  #context: SecureContext | undefined;
  #network: KubeNetwork | undefined;
  #podAddresses = 0;
  #certificateDays = 365;
  /** Addresses with which etcd's members came first, by node name. */
  readonly memberAddresses = new Map<string, string>();

  constructor(world: World, token: string) {
    this.world = world;
    this.token = token;
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
      this.store.put('namespaces', makeObject('namespaces', name, undefined, { status: { phase: 'Active' } }));
    }
    this.store.put('services', service('kubernetes', 'default', '10.43.0.1', [443]));
  }

  /** Its Services at work; from when somebody first asks, as most clusters are never looked into. */
  get network(): KubeNetwork {
    this.#network ??= new KubeNetwork(this);
    return this.#network;
  }

  /** For how many days its certificates are good; those that were made already are made anew. */
  set certificateDays(days: number) {
    this.#certificateDays = days;
    this.#client = undefined;
    this.#context = undefined;
  }

  /** As k3s does when a server starts: certificates that end within 90 days are made anew. */
  renewCertificates(): void {
    if (this.#certificateDays < 90) this.certificateDays = 365;
  }

  get serverCa(): Certificate {
    this.#serverCa ??= makeCertificate({
      commonName: `k3s-server-ca@${Math.floor(Date.now() / 1000)}`,
      kind: 'ca',
      days: 3650,
    });
    return this.#serverCa;
  }

  get clientCa(): Certificate {
    this.#clientCa ??= makeCertificate({
      commonName: `k3s-client-ca@${Math.floor(Date.now() / 1000)}`,
      kind: 'ca',
      days: 3650,
    });
    return this.#clientCa;
  }

  get clientCertificate(): Certificate {
    this.#client ??= makeCertificate(
      { commonName: 'system:admin', organisation: 'system:masters', kind: 'client', days: this.#certificateDays },
      this.clientCa,
    );
    return this.#client;
  }

  /** For the API's TLS; made when the first connection comes. */
  secureContext(hosts: string[]): SecureContext {
    if (!this.#context) {
      const names = [
        'kubernetes',
        'kubernetes.default',
        'localhost',
        '127.0.0.1',
        '0.0.0.0',
        '::1',
        ...this.members.keys(),
        ...hosts,
      ];
      const { cert, key } = makeCertificate(
        {
          commonName: 'k3s',
          organisation: 'k3s',
          kind: 'server',
          hosts: [...new Set(names)],
          days: this.#certificateDays,
        },
        this.serverCa,
      );
      this.#context = createSecureContext({ cert: cert + this.serverCa.cert, key });
    }
    return this.#context;
  }

  /** What k3s writes to its kubeconfig file. */
  kubeconfig(): string {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(this.serverCa.cert)}
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: ${base64(this.clientCertificate.cert + this.clientCa.cert)}
    client-key-data: ${base64(this.clientCertificate.key)}
`;
  }

  /** Enough servers run: all of one, a majority of several. */
  get quorum(): boolean {
    const alive = [...this.members.values()].filter(container => container.program).length;
    return alive > this.members.size / 2;
  }

  answers(server: Container): boolean {
    return this.ready.has(server) && server.program !== undefined && this.quorum;
  }

  /** A node reports for the first time or again. */
  register(
    container: Container,
    name: string,
    role: 'server' | 'agent',
    version: string,
    labels: Record<string, string>,
  ): void {
    const first = this.nodes.size === 0;
    this.nodes.set(name, container);
    const ip = [...container.endpoints.values()].find(endpoint => endpoint.ip)?.ip ?? '';
    const old = this.store.get('nodes', name);
    this.store.put('nodes', {
      ...makeObject('nodes', name, undefined, {
        spec: { ...(old?.spec as object), podCIDR: `10.42.${this.nodes.size - 1}.0/24`, providerID: `k3s://${name}` },
        status: nodeStatus(name, ip, version, true),
      }),
      metadata: {
        name,
        labels: { ...old?.metadata.labels, ...nodeLabels(name, role, this.members.size > 1), ...labels },
        annotations: { 'k3s.io/internal-ip': ip, 'k3s.io/hostname': name },
      },
    });
    this.event('Node', name, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`);
    if (first) this.#systemPods(name);
    this.#balancer(name);
    placeWaiting(this, name);
  }

  /** A node's container came up or went away. */
  nodeChanged(name: string): void {
    const object = this.store.get('nodes', name);
    const container = this.nodes.get(name);
    if (!object || !container) return;
    const up = container.program !== undefined;
    const status = object.status as { addresses: { address: string }[]; nodeInfo: { kubeletVersion: string } };
    this.store.put('nodes', {
      ...object,
      status: nodeStatus(name, status.addresses[0]!.address, status.nodeInfo.kubeletVersion, up),
    });
    if (!up) this.event('Node', name, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
  }

  /** Deleting a Node object also removes the etcd member, as k3s does. */
  deleteNode(name: string): void {
    this.nodes.delete(name);
    this.members.delete(name);
    this.memberAddresses.delete(name);
    this.passwords.delete(name);
    for (const pod of this.store.list('pods')) {
      if ((pod.spec as { nodeName?: string }).nodeName === name)
        this.store.delete('pods', pod.metadata.name, pod.metadata.namespace);
    }
  }

  event(kind: string, name: string, type: string, reason: string, message: string, namespace = 'default'): void {
    const events = this.store.list('events');
    if (events.length > 60) this.store.delete('events', events[0]!.metadata.name, events[0]!.metadata.namespace);
    const at = now();
    this.store.put(
      'events',
      makeObject('events', `${name}.${randomSuffix(10)}`, namespace, {
        type,
        reason,
        message,
        count: 1,
        firstTimestamp: at,
        lastTimestamp: at,
        involvedObject: { kind, name, namespace },
        source: { component: 'kubelet' },
      }),
    );
  }

  /** A deployment with its pods and service, spread over the nodes there are. */
  addApp(namespace: string, app: string, image: string, replicas: number, port: number): void {
    if (!this.store.get('namespaces', namespace))
      this.store.put('namespaces', makeObject('namespaces', namespace, undefined, { status: { phase: 'Active' } }));
    const template = { spec: { containers: [{ name: app, image, ports: [{ containerPort: port }] }] } };
    this.store.put(
      'deployments',
      makeObject('deployments', app, namespace, {
        spec: { replicas, selector: { matchLabels: { app } }, template },
        status: { replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas },
      }),
    );
    this.store.put(
      'services',
      service(app, namespace, `10.43.${(app.length * 37) % 250}.${(namespace.length * 53 + app.charCodeAt(0)) % 250}`, [
        port,
      ]),
    );
    // A network that is at work makes the pods itself.
    if (this.#network) return;
    const nodes = [...this.nodes.keys()];
    const hash = randomSuffix(9);
    for (let i = 0; i < replicas; i++) {
      const node = nodes[i % nodes.length] ?? '';
      this.addPod(namespace, `${app}-${hash}-${randomSuffix(5)}`, node, image, { labels: { app }, ports: [port] });
    }
  }

  /** An Ingress that leads a host name to a port of a Service. */
  addIngress(namespace: string, name: string, host: string, service: string, port: number): void {
    const backend = { service: { name: service, port: { number: port } } };
    const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
    this.store.put(
      'ingresses',
      makeObject('ingresses', name, namespace, { spec: { ingressClassName: 'traefik', rules } }),
    );
  }

  /** traefik's own svclb pod on a node, if it has none. */
  #balancer(node: string): void {
    const traefik = this.store.get('services', 'traefik', 'kube-system');
    const labels = {
      app: `svclb-traefik-${traefik?.metadata.uid?.slice(0, 8)}`,
      'svccontroller.k3s.cattle.io/svcname': 'traefik',
      'svccontroller.k3s.cattle.io/svcnamespace': 'kube-system',
    };
    const there = this.store
      .list('pods')
      .some(pod => pod.metadata.labels?.app === labels.app && (pod.spec as { nodeName?: string }).nodeName === node);
    if (!traefik || there) return;
    this.addPod('kube-system', `svclb-traefik-${randomSuffix(5)}`, node, 'rancher/klipper-lb:v0.4.13', { labels });
  }

  #systemPods(node: string): void {
    const pods: [string, string][] = [
      [`coredns-${randomSuffix(9)}-${randomSuffix(5)}`, 'rancher/mirrored-coredns-coredns:1.12.3'],
      [`local-path-provisioner-${randomSuffix(9)}-${randomSuffix(5)}`, 'rancher/local-path-provisioner:v0.0.31'],
      [`metrics-server-${randomSuffix(9)}-${randomSuffix(5)}`, 'rancher/mirrored-metrics-server:v0.8.0'],
      [`traefik-${randomSuffix(9)}-${randomSuffix(5)}`, 'rancher/mirrored-library-traefik:3.3.6'],
    ];
    for (const [name, image] of pods) {
      this.addPod('kube-system', name, node, image, { labels: { app: name.split('-')[0]! } });
    }
    this.store.put('services', service('kube-dns', 'kube-system', '10.43.0.10', [53]));
    this.store.put('services', service('metrics-server', 'kube-system', '10.43.62.61', [443]));
    this.store.put('services', service('traefik', 'kube-system', '10.43.101.9', [80, 443], 'LoadBalancer'));
  }

  /** A pod that is ready soon, or never for the given reason. */
  addPod(
    namespace: string,
    name: string,
    nodeName: string,
    image: string,
    { labels, ports = [], problem }: { labels: Record<string, string>; ports?: number[]; problem?: string },
  ): void {
    const app = labels.app ?? name;
    const podIP = `10.42.${Math.max(0, [...this.nodes.keys()].indexOf(nodeName))}.${2 + (this.#podAddresses++ % 250)}`;
    const put = (running: boolean) => {
      const state = running ? { running: { startedAt: now() } } : { waiting: { reason: 'ContainerCreating' } };
      const conditions = ['PodScheduled', 'Initialized', 'Ready', 'ContainersReady'].map((type, i) => ({
        type,
        status: running || (i < 2 && problem === undefined) ? 'True' : 'False',
        ...(i === 0 && problem !== undefined && { reason: 'Unschedulable', message: problem }),
      }));
      const container = { name: app, image, ports: ports.map(containerPort => ({ containerPort })) };
      const pod: KubeObject = makeObject('pods', name, namespace, {
        spec: { nodeName, containers: [container] },
        status: {
          phase: running ? 'Running' : 'Pending',
          conditions,
          ...(problem === undefined && { podIP }),
          startTime: now(),
          containerStatuses: [
            { name: app, image, imageID: '', ready: running, started: running, restartCount: 0, state },
          ],
        },
      });
      pod.metadata.labels = labels;
      this.store.put('pods', pod);
    };
    put(false);
    if (problem !== undefined) return;
    this.world.clock.after(1500, () => this.store.get('pods', name, namespace) && put(true));
  }
}
