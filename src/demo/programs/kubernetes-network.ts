import type { KubeCluster } from './kubernetes-cluster.ts';
import { type Change, type KubeObject, makeObject, randomSuffix } from './kubernetes-objects.ts';
import { podIsReady, specOf } from './kubernetes-shapes.ts';

interface Port {
  name?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
  protocol?: string;
}

interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  ports?: Port[];
  selector?: Record<string, string>;
}

interface Slice {
  ports: { port: number }[];
  endpoints: { addresses: string[]; conditions: { ready: boolean } }[];
}

const SVC_NAME = 'svccontroller.k3s.cattle.io/svcname';
const SVC_NAMESPACE = 'svccontroller.k3s.cattle.io/svcnamespace';
const BALANCER_IMAGE = 'rancher/klipper-lb:v0.4.13';

/**
 * The part of a simulated cluster that moves traffic: addresses of Services, their EndpointSlices, replicas of
 * Deployments, and svclb pods on every node, kept up as the controllers of Kubernetes and k3s do; and what comes of a
 * connection within it. Begins when somebody first asks for it.
 */
export class KubeNetwork {
  /**
   * What does not get through although all is set up: addresses of Services and pods, `k3d-demo-server-0:80` for a port of
   * a node, `Ingress shop/web` for a rule that its controller has not taken up.
   */
  readonly cut = new Set<string>();
  readonly #cluster: KubeCluster;

  constructor(cluster: KubeCluster) {
    this.#cluster = cluster;
    for (const deployment of this.#store.list('deployments')) this.#scale(deployment);
    for (const service of this.#store.list('services')) this.#serve(service);
    this.#store.watch(change => this.#changed(change));
  }

  get #store() {
    return this.#cluster.store;
  }

  /** Whether a connection from within the cluster would be taken. */
  connects(ip: string, port: number): boolean {
    if (this.cut.has(ip)) return false;
    return this.#serviceAt(ip) ? this.#reaches(this.#serviceAt(ip)!, port) : this.#podAt(ip, port);
  }

  /** Whether a port of a node leads to a Service, and gets through; undefined: no Service wants it. */
  onNode(node: string, port: number): boolean | undefined {
    const found = this.#behindNode(port);
    if (!found) return undefined;
    if (this.cut.has(`${node}:${port}`)) return false;
    const { service, servicePort, balanced } = found;
    return (!balanced || this.#balancerOn(node, service)) && this.#reaches(service, servicePort);
  }

  /** What a web server says to a request that came to this port of a node. */
  answerOnNode(port: number, host: string, path: string): { status: number; app: string } {
    const found = this.#behindNode(port);
    return found ? this.#answer(found.service, host, path) : { status: 200, app: '' };
  }

  /** What a web server at this address of the cluster says; undefined: nobody is there. */
  answer(ip: string, port: number, host: string, path: string): { status: number; app: string } | undefined {
    const service = this.#serviceAt(ip);
    if (!this.connects(ip, port)) return undefined;
    return service ? this.#answer(service, host, path) : { status: 200, app: '' };
  }

  #answer(service: KubeObject, host: string, path: string): { status: number; app: string } {
    const { name, namespace } = service.metadata;
    if (name !== 'traefik') return { status: 200, app: `${namespace}/${name}` };
    const taken = (ingress: KubeObject) =>
      !this.cut.has(`Ingress ${ingress.metadata.namespace}/${ingress.metadata.name}`);
    const rules = this.#store.list('ingresses').filter(taken).flatMap(rulesOf);
    // As long as there is no rule at all the controller itself says hello.
    if (this.#store.list('ingresses').length === 0) return { status: 200, app: '' };
    const asked = host.replace(/:\d+$/, '');
    const rule = rules.find(one => one.taken && (one.host === '' || one.host === asked) && path.startsWith(one.path));
    if (!rule) return { status: 404, app: '' };
    const backend = this.#store.get('services', rule.service, rule.namespace);
    if (!backend || !this.#reaches(backend, rule.port)) return { status: 503, app: '' };
    return { status: 200, app: `${rule.namespace}/${rule.service}` };
  }

  #serviceAt(ip: string): KubeObject | undefined {
    return this.#store.list('services').find(service => specOf<ServiceSpec>(service).clusterIP === ip);
  }

  #podAt(ip: string, port: number): boolean {
    if (this.cut.has(ip)) return false;
    if (this.#balancerAt(ip)) return this.#reaches(this.#balancerAt(ip)!, port);
    const here = this.#store.list('pods').find(pod => (pod.status as { podIP?: string }).podIP === ip);
    if (!here || !podIsReady(here)) return false;
    const [container] = specOf<{ containers?: { ports?: { containerPort: number }[] }[] }>(here).containers ?? [];
    const ports = container?.ports ?? [];
    return ports.length === 0 || ports.some(({ containerPort }) => containerPort === port);
  }

  /** The Service that the svclb pod with this address passes on to. */
  #balancerAt(ip: string): KubeObject | undefined {
    const pod = this.#store.list('pods').find(one => (one.status as { podIP?: string }).podIP === ip);
    const { [SVC_NAME]: name, [SVC_NAMESPACE]: namespace } = pod?.metadata.labels ?? {};
    return name === undefined ? undefined : this.#store.get('services', name, namespace);
  }

  #reaches(service: KubeObject, port: number): boolean {
    if (this.cut.has(specOf<ServiceSpec>(service).clusterIP ?? '')) return false;
    const wanted = (specOf<ServiceSpec>(service).ports ?? []).find(one => one.port === port);
    if (!wanted) return false;
    const slice = this.#store.get('endpointslices', sliceName(service), service.metadata.namespace) as unknown as Slice;
    const index = specOf<ServiceSpec>(service).ports!.indexOf(wanted);
    const target = slice?.ports[index]?.port ?? port;
    const ready = slice?.endpoints.filter(({ conditions }) => conditions.ready) ?? [];
    return ready.some(({ addresses }) => target === 6443 || this.#podAt(addresses[0]!, target));
  }

  #behindNode(port: number) {
    for (const service of this.#store.list('services')) {
      const { type, ports = [] } = specOf<ServiceSpec>(service);
      const own = type === 'LoadBalancer' ? ports.find(one => one.port === port) : undefined;
      if (own) return { service, servicePort: own.port, balanced: true };
      const nodePort = ports.find(one => one.nodePort === port);
      if (nodePort) return { service, servicePort: nodePort.port, balanced: false };
    }
    return undefined;
  }

  #balancerOn(node: string, service: KubeObject): boolean {
    return this.#balancers(service).some(
      pod => specOf<{ nodeName?: string }>(pod).nodeName === node && podIsReady(pod) && !this.cut.has(podIP(pod)),
    );
  }

  #balancers({ metadata: { name, namespace } }: KubeObject): KubeObject[] {
    return this.#store
      .list('pods')
      .filter(({ metadata: { labels } }) => labels?.[SVC_NAME] === name && labels?.[SVC_NAMESPACE] === namespace);
  }

  #changed({ type, resource, object }: Change): void {
    const { namespace, name } = object.metadata;
    if (resource === 'deployments') {
      if (type === 'DELETED') object.spec = { ...(object.spec as object), replicas: 0 };
      this.#scale(object);
    } else if (resource === 'services') {
      if (type === 'DELETED') this.#withdraw(object);
      else this.#serve(object);
    } else if (resource === 'pods') {
      for (const service of this.#store.list('services', namespace)) {
        if (matches(specOf<ServiceSpec>(service).selector, object)) this.#slice(service);
      }
    } else if (resource === 'nodes' && type !== 'DELETED') {
      const kubernetes = this.#store.get('services', 'kubernetes', 'default');
      if (kubernetes) this.#slice(kubernetes);
    } else if (resource === 'daemonsets' && type === 'DELETED') {
      for (const pod of this.#store.list('pods', namespace)) {
        if (pod.metadata.labels?.app === name) this.#store.delete('pods', pod.metadata.name, namespace);
      }
    }
  }

  #withdraw(service: KubeObject): void {
    this.#store.delete('endpointslices', sliceName(service), service.metadata.namespace);
    for (const pod of this.#balancers(service)) this.#store.delete('pods', pod.metadata.name, pod.metadata.namespace);
    this.#store.delete('daemonsets', balancerName(service), 'kube-system');
  }

  /** What the API and its controllers make of a Service. */
  #serve({ metadata: { name, namespace } }: KubeObject): void {
    const given = this.#store.get('services', name, namespace);
    if (!given) return;
    const { spec, whole } = this.#completed(given);
    const service = whole ? given : this.#store.put('services', { ...given, spec });
    this.#slice(service);
    if (spec.type === 'LoadBalancer') this.#balance(service);
  }

  /** Address and node ports, as the API gives them. */
  #completed(service: KubeObject): { spec: ServiceSpec; whole: boolean } {
    const given = specOf<ServiceSpec>(service);
    const taken = new Set(
      this.#store.list('services').flatMap(one => (specOf<ServiceSpec>(one).ports ?? []).map(port => port.nodePort)),
    );
    let next = 30_000;
    const free = () => {
      do next++;
      while (taken.has(next));
      return next;
    };
    const outside = given.type === 'LoadBalancer' || given.type === 'NodePort';
    const ports = (given.ports ?? []).map(port => (outside && !port.nodePort ? { ...port, nodePort: free() } : port));
    const addresses = new Set(this.#store.list('services').map(one => specOf<ServiceSpec>(one).clusterIP));
    let at = 100;
    while (addresses.has(`10.43.7.${at}`)) at++;
    const clusterIP = given.clusterIP ?? (given.type === 'ExternalName' ? undefined : `10.43.7.${at}`);
    const spec = { ...given, type: given.type ?? 'ClusterIP', ports, ...(clusterIP !== undefined && { clusterIP }) };
    return { spec, whole: JSON.stringify(spec) === JSON.stringify(given) };
  }

  #slice(service: KubeObject): void {
    const { name, namespace } = service.metadata;
    const { ports = [], selector } = specOf<ServiceSpec>(service);
    const isApi = name === 'kubernetes' && namespace === 'default';
    if (!isApi && (selector === undefined || Object.keys(selector).length === 0)) return;
    const pods = isApi ? [] : this.#store.list('pods', namespace).filter(pod => matches(selector, pod));
    const endpoints = isApi
      ? [...this.#cluster.members.keys()].flatMap(node => {
          const { addresses = [] } = (this.#store.get('nodes', node)?.status ?? {}) as {
            addresses?: { address: string }[];
          };
          return addresses.slice(0, 1).map(({ address }) => ({ addresses: [address], conditions: { ready: true } }));
        })
      : pods
          .filter(pod => (pod.status as { podIP?: string }).podIP)
          .map(pod => ({
            addresses: [(pod.status as { podIP: string }).podIP],
            conditions: { ready: podIsReady(pod), serving: podIsReady(pod), terminating: false },
            nodeName: specOf<{ nodeName?: string }>(pod).nodeName,
            targetRef: { kind: 'Pod', name: pod.metadata.name, namespace },
          }));
    const slice = makeObject('endpointslices', sliceName(service), namespace, {
      addressType: 'IPv4',
      ports: ports.map(({ name: called = '', port, targetPort, protocol = 'TCP' }) => ({
        name: called,
        port: isApi ? 6443 : typeof targetPort === 'number' ? targetPort : (namedPort(pods, targetPort) ?? port),
        protocol,
      })),
      endpoints,
    });
    slice.metadata.labels = { 'kubernetes.io/service-name': name };
    const old = this.#store.get('endpointslices', slice.metadata.name, namespace);
    if (old && JSON.stringify([old.ports, old.endpoints]) === JSON.stringify([slice.ports, slice.endpoints])) return;
    this.#store.put('endpointslices', slice);
  }

  /** k3s' service load balancer: a DaemonSet whose pods hold the Service's ports on each node, as far as they are free. */
  #balance(service: KubeObject): void {
    const { name, namespace } = service.metadata;
    const app = balancerName(service);
    if (this.#balancers(service).length === 0) {
      const labels = { app, [SVC_NAME]: name, [SVC_NAMESPACE]: namespace ?? '' };
      const set = makeObject('daemonsets', app, 'kube-system', { spec: { selector: { matchLabels: { app } } } });
      set.metadata.labels = { 'svccontroller.k3s.cattle.io/nodeselector': 'false' };
      this.#store.put('daemonsets', set);
      const wanted = (specOf<ServiceSpec>(service).ports ?? []).map(({ port }) => port);
      for (const node of this.#cluster.nodes.keys()) {
        const problem = wanted.some(port => this.#held(node, port)) ? NO_PORTS : undefined;
        this.#cluster.addPod('kube-system', `${app}-${randomSuffix(5)}`, node, BALANCER_IMAGE, { labels, problem });
      }
    }
    this.#status(service);
  }

  #held(node: string, port: number): boolean {
    return this.#store.list('pods').some(pod => {
      const { [SVC_NAME]: name, [SVC_NAMESPACE]: namespace } = pod.metadata.labels ?? {};
      if (name === undefined || specOf<{ nodeName?: string }>(pod).nodeName !== node) return false;
      const service = this.#store.get('services', name, namespace);
      return (service ? (specOf<ServiceSpec>(service).ports ?? []) : []).some(one => one.port === port);
    });
  }

  #status(service: KubeObject): void {
    const status = service.status as { loadBalancer?: { ingress?: unknown[] } } | undefined;
    if (status?.loadBalancer?.ingress) return;
    const ingress = [...this.#cluster.nodes.keys()].flatMap(node => {
      const { addresses = [] } = (this.#store.get('nodes', node)?.status ?? {}) as {
        addresses?: { address: string }[];
      };
      return addresses.slice(0, 1).map(({ address }) => ({ ip: address }));
    });
    this.#store.put('services', { ...service, status: { loadBalancer: { ingress } } });
  }

  /** As many pods as a Deployment asks for. */
  #scale(deployment: KubeObject): void {
    const { name, namespace = 'default' } = deployment.metadata;
    const {
      replicas = 1,
      selector,
      template,
    } = specOf<{
      replicas?: number;
      selector?: { matchLabels?: Record<string, string> };
      template?: { spec?: { containers?: { image?: string; ports?: { containerPort: number }[] }[] } };
    }>(deployment);
    const labels = selector?.matchLabels ?? { app: name };
    const pods = this.#store.list('pods', namespace).filter(pod => matches(labels, pod));
    for (const pod of pods.slice(Math.max(0, replicas))) this.#store.delete('pods', pod.metadata.name, namespace);
    const nodes = [...this.#cluster.nodes.keys()];
    const [container] = template?.spec?.containers ?? [];
    for (let at = pods.length; at < replicas && nodes.length > 0; at++) {
      const pod = `${name}-${randomSuffix(9)}-${randomSuffix(5)}`;
      this.#cluster.addPod(namespace, pod, nodes[at % nodes.length]!, container?.image ?? '', {
        labels,
        ports: container?.ports?.map(({ containerPort }) => containerPort),
      });
    }
  }
}

const NO_PORTS = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.";

const podIP = ({ status }: KubeObject): string => (status as { podIP?: string }).podIP ?? '';
const sliceName = ({ metadata: { name } }: KubeObject): string => `${name}-demo`;
const balancerName = ({ metadata: { name, uid = '' } }: KubeObject): string => `svclb-${name}-${uid.slice(0, 8)}`;

function matches(selector: Record<string, string> | undefined, { metadata: { labels = {} } }: KubeObject): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function namedPort(pods: readonly KubeObject[], name: string | undefined): number | undefined {
  type Spec = { containers?: { ports?: { name?: string; containerPort: number }[] }[] };
  const ports = pods.flatMap(pod => (specOf<Spec>(pod).containers ?? []).flatMap(container => container.ports ?? []));
  return ports.find(port => port.name === name && name !== undefined)?.containerPort;
}

/** An Ingress' rules; those of a class that traefik does not serve are not taken up. */
function rulesOf({ metadata, spec }: KubeObject) {
  const { ingressClassName, rules = [] } = spec as {
    ingressClassName?: string;
    rules?: {
      host?: string;
      http?: { paths?: { path?: string; backend?: { service?: { name: string; port?: { number?: number } } } }[] };
    }[];
  };
  return rules.flatMap(({ host = '', http }) =>
    (http?.paths ?? []).map(({ path = '/', backend }) => ({
      host,
      path,
      namespace: metadata.namespace,
      service: backend?.service?.name ?? '',
      port: backend?.service?.port?.number ?? 80,
      taken: ingressClassName === undefined || ingressClassName === 'traefik',
    })),
  );
}
