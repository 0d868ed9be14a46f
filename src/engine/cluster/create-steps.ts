import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { loadBalancerImage } from '../../config/default-image.ts';
import { K3D_VERSION } from '../../config/k3d-version.ts';
import { loadBalancerFiles } from '../loadbalancer/files.ts';
import { renderNginxConf } from '../loadbalancer/nginx.ts';
import { type ClusterContext, k3sContainer, loadBalancerContainer } from '../node/container.ts';
import { entrypointFiles, entrypointFixes, holdFile } from '../node/entrypoint.ts';
import { tellMemoryStep } from '../node/meminfo.ts';
import type { Action, ApiAddress, PlannedStep } from '../plan.ts';
import { HOSTING_PATH } from '../registry/hosting.ts';
import { start as startRegistry } from '../registry/power.ts';
import { joinStep, nearbyUrl, createSteps as registrySteps } from '../registry/steps.ts';
import { addsAllNames, disablesCoreDns, dnsStep } from './dns.ts';
import type { Facts } from './facts.ts';
import type { ClusterLayout, NodeLayout } from './layout.ts';
import { letJoin, startId } from './start.ts';

/** The steps of a create, in order; `pulls` when an image must come first. Pure. */
export function createSteps(
  spec: ClusterSpec,
  layout: ClusterLayout,
  facts: Facts,
  network: { context: ClusterContext; steps: PlannedStep[] },
): { steps: PlannedStep[]; pulls: boolean } {
  const steps = new CreateSteps(spec, layout, facts, network);
  steps.images();
  steps.volumes();
  steps.containers();
  steps.registries();
  steps.starts();
  return { steps: steps.list, pulls: steps.pulls };
}

class CreateSteps {
  readonly list: PlannedStep[];
  pulls = false;
  readonly #spec: ClusterSpec;
  readonly #layout: ClusterLayout;
  readonly #facts: Facts;
  readonly #context: ClusterContext;
  readonly #pullOf = new Map<string, string>();
  readonly #network: string[];
  /** The network and the volumes: no container is made without them. */
  #prepared: string[];
  /**
   * The first server's container. Of two who make a cluster of one name at once it is Docker that lets only one have
   * it; whatever else could be fought over is made after it.
   */
  #claim: string[] = [];
  /** Steps after which the registries run: nodes may want to pull from them as soon as they start. */
  #registriesStarted: string[] = [];

  constructor(
    spec: ClusterSpec,
    layout: ClusterLayout,
    facts: Facts,
    { context, steps }: { context: ClusterContext; steps: PlannedStep[] },
  ) {
    this.#spec = spec;
    this.#layout = layout;
    this.#facts = facts;
    this.#context = context;
    this.list = [...steps];
    this.#network = steps.map(step => step.id);
    this.#prepared = this.#network;
  }

  images(): void {
    const { create } = this.#layout.registries;
    const lbImage = this.#layout.loadBalancer ? [this.#lbImage] : [];
    const wanted = new Set([this.#k3sImage, ...lbImage, ...(create ? [create.image] : [])]);
    for (const image of wanted) {
      const fact = [...this.#facts.images.values()].find(other => other.reference === image);
      if (fact?.present) continue;
      this.pulls = true;
      const id = `pull ${image}`;
      this.#pullOf.set(image, id);
      this.list.push({ id, title: `pull ${image}`, after: [], action: { kind: 'image.pull', image } });
    }
  }

  volumes(): void {
    for (const name of this.#layout.volumes) {
      const id = `volume ${name}`;
      const labels = { app: 'k3d', 'k3d.cluster': this.#spec.name, 'k3d.version': K3D_VERSION };
      this.list.push({
        id,
        title: `create volume ${name}`,
        after: this.#network,
        action: { kind: 'volume.create', name, labels },
      });
      this.#prepared = [...this.#prepared, id];
    }
  }

  /** Registries join the cluster's network first, so that nodes find them by name from their start. */
  registries(): void {
    const { create, use } = this.#layout.registries;
    const { env, endpoint } = this.#facts;
    const { staticIPs, network } = this.#context;
    const after = [...this.#network, ...this.#claim];
    const joining = { name: network.name, after };
    for (const { registry, connected } of use) {
      const { name, running } = registry.node;
      const join = `join ${name} ${network.name}`;
      if (!connected) this.list.push(joinStep(name, joining, after, staticIPs.get(name)));
      const joined = connected ? [] : [join];
      if (running) this.#registriesStarted.push(...joined);
      else this.list.push(...startRegistry(registry, nearbyUrl(registry, { env, endpoint }), joined));
      if (!running) this.#registriesStarted.push(`start ${name}`);
    }
    if (!create) return;
    this.list.push(
      ...registrySteps(create, {
        pull: this.#pullOf.get(create.image),
        after: this.#claim,
        networks: [{ ...joining, ipv4: staticIPs.get(create.name) }],
        url: nearbyUrl(create, { env, endpoint }),
        wait: this.#spec.wait,
      }),
    );
    this.#registriesStarted.push(`start ${create.name}`);
  }

  containers(): void {
    const entrypoint = entrypointFiles(entrypointFixes(this.#facts, this.#layout.hostNetwork));
    const { files: registryFiles } = this.#layout.registries;
    const nodeFiles = [...entrypoint, ...registryFiles];
    const what = [
      ...(entrypoint.length > 0 ? ['the entry point'] : []),
      ...(registryFiles.length > 0 ? ['registries'] : []),
    ];
    for (const node of this.#k3sNodes) {
      this.#create(node, k3sContainer(node, this.#k3sImage, this.#context), this.#k3sImage);
      const own = node.files.length > 0 ? ['its files'] : [];
      const hold = this.#held && this.#layout.agents.includes(node) ? [holdFile] : [];
      this.#files(node, `put in ${[...own, ...what].join(', ')}`, [...hold, ...node.files, ...nodeFiles]);
    }
    const { loadBalancer, model } = this.#layout;
    if (!loadBalancer) return;
    this.#create(loadBalancer, loadBalancerContainer(loadBalancer, this.#lbImage, this.#context), this.#lbImage);
    this.#files(loadBalancer, 'put in its configuration', [
      ...loadBalancer.files,
      ...loadBalancerFiles(model, renderNginxConf(model, new Set([this.#layout.servers[0]!.name]))),
    ]);
  }

  /**
   * First server → load balancer → API answers → further servers one by one (etcd takes one new member at a time) → all
   * registered. Agents' containers come up side by side with the first server, and k3s in them when it lets them join:
   * an agent that asks too early asks again only five seconds later.
   */
  starts(): void {
    const { servers, agents, loadBalancer, api } = this.#layout;
    const [first, ...others] = servers as [NodeLayout, ...NodeLayout[]];
    const { wait } = this.#spec;
    const address: ApiAddress = { host: this.#context.reachable, port: api.port };
    const where = { cluster: this.#spec.name, server: first.name, api: address };

    this.#start(first, this.#registriesStarted);
    if (loadBalancer) this.#start(loadBalancer, [startId(first)]);
    const early = [startId(loadBalancer ?? first)];
    let serving = early;
    if (wait) {
      this.#ready('api', `Kubernetes API at ${address.host}:${address.port}`, first, serving, {
        check: 'api',
        ...where,
        loadBalancer: loadBalancer?.name,
      });
      serving = ['api'];
    }
    let afterServers = serving;
    for (const server of others) {
      this.#start(server, afterServers);
      afterServers = [startId(server)];
      if (wait) {
        const id = `serve ${server.name}`;
        this.#ready(id, 'join', server, afterServers, {
          check: 'server',
          container: server.name,
          cluster: where.cluster,
          api: address,
        });
        afterServers = [id];
      }
    }
    if (wait) {
      const title = agents.length > 0 ? 'ready for agents' : 'its manifests are there';
      this.#ready('admits', title, first, serving, { check: 'admits', container: first.name });
    }
    for (const agent of agents) this.#start(agent, this.#held ? early : wait ? ['admits'] : serving);
    const nodes = this.#k3sNodes.map(node => node.name);
    const started = [...afterServers, ...agents.map(startId)];
    const joining = this.#held ? agents.map(agent => letJoin(agent, ['admits'])) : [];
    this.list.push(...joining);
    if (wait) {
      const title = nodes.length === 1 ? 'node registered' : `${nodes.length} nodes registered`;
      const after = [...started, ...joining.map(({ id }) => id)];
      this.#ready('registered', title, first, after, { check: 'registered', ...where, nodes });
    }
    if (loadBalancer && nodes.length > 1) {
      this.#step('reload load balancer', 'look up the nodes', loadBalancer, started, {
        kind: 'loadbalancer.reload',
        container: loadBalancer.name,
      });
      this.list.at(-1)!.optional = true;
    }
    if (wait && !this.#layout.hostNetwork) {
      const { hostAliases } = this.#spec;
      const told = disablesCoreDns(first.args.join(' ')) ? [] : servers.map(server => server.name);
      const lacking = this.#context.entrypoint && addsAllNames(hostAliases, this.#facts) ? [] : nodes;
      const after = ['admits', ...started];
      if (told.length + lacking.length > 0) {
        this.list.push(dnsStep(this.#context.network.name, told, hostAliases, after, lacking));
      }
    }
    if (wait && this.#layout.registries.advertise) {
      this.list.push({
        id: 'advertise',
        title: 'name the registry in Kubernetes',
        subject: first.name,
        after: serving,
        action: { kind: 'registry.advertise', servers: servers.map(server => server.name), path: HOSTING_PATH },
        optional: true,
      });
    }
    if (wait && this.#spec.updateDefaultKubeconfig) {
      this.list.push({
        id: 'kubeconfig',
        title: this.#spec.switchContext ? `merge kubeconfig, switch to k3d-${this.#spec.name}` : 'merge kubeconfig',
        after: serving,
        action: { kind: 'kubeconfig.merge', ...where, switchContext: this.#spec.switchContext },
      });
    }
  }

  /** Whether agents' entry points hold k3s back until the server is ready for them. */
  get #held(): boolean {
    return this.#spec.wait && this.#context.entrypoint;
  }

  get #k3sNodes(): NodeLayout[] {
    return [...this.#layout.servers, ...this.#layout.agents];
  }

  get #k3sImage(): string {
    const { image } = this.#spec;
    return this.#facts.images.get(image)?.reference ?? image;
  }

  get #lbImage(): string {
    return loadBalancerImage(this.#facts.env);
  }

  #step(id: string, title: string, node: NodeLayout, after: string[], action: Action): void {
    this.list.push({ id, title, subject: node.name, after, action });
  }

  #create(node: NodeLayout, body: Extract<Action, { kind: 'container.create' }>['body'], image: string): void {
    const pull = this.#pullOf.get(image);
    const before = [...this.#prepared, ...this.#claim];
    const memory = node.toldMemory ? [{ ...tellMemoryStep(node.name, node.toldMemory), after: before }] : [];
    this.list.push(...memory);
    const after = [...before, ...(pull ? [pull] : []), ...memory.map(({ id }) => id)];
    const id = `create ${node.name}`;
    this.#step(id, 'create', node, after, { kind: 'container.create', name: node.name, body });
    if (this.#claim.length === 0) this.#claim = [id];
  }

  #files(node: NodeLayout, title: string, files: Extract<Action, { kind: 'files.write' }>['files']): void {
    if (files.length === 0) return;
    this.#step(`files ${node.name}`, title, node, [`create ${node.name}`], {
      kind: 'files.write',
      container: node.name,
      files,
    });
  }

  #start(node: NodeLayout, after: string[]): void {
    const files = `files ${node.name}`;
    const own = this.list.some(step => step.id === files) ? files : `create ${node.name}`;
    this.#step(startId(node), 'start', node, [own, ...after], { kind: 'container.start', container: node.name });
  }

  #ready(
    id: string,
    title: string,
    node: NodeLayout,
    after: string[],
    what: Extract<Action, { kind: 'ready' }>['what'],
  ): void {
    this.#step(id, title, node, after, { kind: 'ready', what });
  }
}
