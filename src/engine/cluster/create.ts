import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { loadBalancerImage } from '../../config/default-image.ts';
import { K3D_VERSION } from '../../config/k3d-version.ts';
import { firstAddress, nextFreeAddress, parseSubnet } from '../../config/subnet.ts';
import type { NetworkInspect } from '../../docker/types.ts';
import { secretsIn } from '../../secret-names.ts';
import { hideSecrets } from '../../text.ts';
import { version } from '../../version.ts';
import { reachableHost } from '../endpoint.ts';
import { NGINX_CONF_MODE, NGINX_CONF_PATH, renderNginxConf } from '../loadbalancer/nginx.ts';
import { LB_SCRIPT, LB_SCRIPT_MODE, LB_SCRIPT_PATH } from '../loadbalancer/script.ts';
import { formatValues, VALUES_MODE, VALUES_PATH } from '../loadbalancer/values.ts';
import { networkName } from '../names.ts';
import { type ClusterContext, k3sContainer, loadBalancerContainer } from '../node/container.ts';
import { entrypointFiles, entrypointFixes, usesEntrypoint } from '../node/entrypoint.ts';
import { tellMemoryStep } from '../node/meminfo.ts';
import { type Action, type ApiAddress, NETWORK_ID, NETWORK_RANGE, type Plan, type PlannedStep } from '../plan.ts';
import { HOSTING_PATH } from '../registry/hosting.ts';
import { wantedFor } from '../registry/layout.ts';
import { start as startSteps } from '../registry/power.ts';
import { createSteps, joinStep, nearbyUrl } from '../registry/steps.ts';
import { checkCluster } from './checks.ts';
import { createCommand } from './create-command.ts';
import type { Facts, FactsWanted } from './facts.ts';
import { type ClusterLayout, layoutCluster, type NodeLayout } from './layout.ts';
import { type Problem, Problems } from './problems.ts';
import { disablesCoreDns, dnsStep, startId } from './start.ts';
import { freeSubnet } from './subnets.ts';

/** Seconds a create may take when nobody says otherwise; more when images must be pulled. */
const CREATE_TIMEOUT = 300;
const PULL_TIMEOUT = 900;

/** What must be read before this request can be planned. */
export function factsForCreate(spec: ClusterSpec, env: NodeJS.ProcessEnv): FactsWanted {
  const ports = spec.ports.flatMap(({ port }) => (port.match(/\d+/g) ?? []).map(Number));
  const host = spec.kubeAPI.host;
  const { create } = spec.registries;
  const registry = create ? wantedFor(create) : { images: [], hosts: [], ports: [] };
  return {
    images: [spec.image, ...(spec.loadBalancer ? [loadBalancerImage(env)] : []), ...registry.images],
    hosts: [...(host ? [host] : []), ...registry.hosts],
    ports: [...ports, Number(spec.kubeAPI.hostPort) || 0, ...registry.ports],
    ...(spec.registries.use.length > 0 || spec.registries.config ? { registries: spec.registries } : {}),
  };
}

/** Everything wrong with the request, errors and warnings, by field. */
export function checkClusterSpec(spec: ClusterSpec, facts: Facts): Problem[] {
  const problems = new Problems();
  checkCluster(spec, layoutCluster(spec, facts, problems), facts, problems);
  return problems.list;
}

/** The plan that creates the cluster. Throws the first error that `checkClusterSpec` would list. */
export function planClusterCreate(spec: ClusterSpec, facts: Facts): Plan {
  const problems = new Problems();
  const layout = layoutCluster(spec, facts, problems);
  checkCluster(spec, layout, facts, problems);
  problems.throwFirst();
  if (!spec.wait && spec.updateDefaultKubeconfig) {
    problems.warn(
      'wait',
      'KUBECONFIG_LATER',
      `without waiting there is no kubeconfig yet: k3dui kubeconfig merge ${spec.name} -d`,
    );
  }

  const given = [
    ...spec.env.map(({ envVar }) => envVar),
    ...spec.k3sArgs.map(({ arg }) => arg),
    ...spec.runtimeLabels.map(({ label }) => label),
  ];
  const secrets = [layout.token, ...layout.registries.secrets, ...given.flatMap(secretsIn)];
  const { context, networkSteps } = planNetwork(spec, layout, facts);
  const steps = new Steps(spec, layout, facts, context);
  steps.add(...networkSteps);
  steps.images();
  steps.volumes();
  steps.containers();
  steps.registries();
  steps.starts();
  return {
    title: `create cluster ${spec.name}`,
    command: hideSecrets(createCommand(spec), secrets),
    cluster: spec.name,
    steps: steps.list,
    warnings: problems.warnings,
    onFailure: spec.rollback ? 'undo' : 'keep',
    timeoutSeconds: spec.timeoutSeconds || (steps.pulls ? PULL_TIMEOUT : CREATE_TIMEOUT),
    secrets,
    network: context.network.id === NETWORK_ID ? undefined : { id: context.network.id, range: context.network.range },
  };
}

/** Joins a network that exists (k3d then calls it external and leaves it at delete), or makes one. */
function planNetwork(
  spec: ClusterSpec,
  layout: ClusterLayout,
  facts: Facts,
): { context: ClusterContext; networkSteps: PlannedStep[] } {
  const name = spec.network ?? networkName(spec.name);
  const existing = facts.networks.find(network => network.Name === name);
  const fixes = entrypointFixes(facts.env, facts.engine.CgroupVersion ?? '1', layout.hostNetwork, facts.engine.Name);
  const context: ClusterContext = {
    spec,
    layout,
    network: { name, id: NETWORK_ID, range: NETWORK_RANGE, external: false },
    version,
    k3dVersion: K3D_VERSION,
    entrypoint: usesEntrypoint(fixes),
    staticIPs: new Map(),
    reachable: reachableHost(layout.api, facts.env, facts.endpoint),
  };
  if (existing) {
    context.network = {
      name,
      id: existing.Id,
      // Of the host's own network k3d writes what Go has for no range.
      range: existing.IPAM?.Config?.[0]?.Subnet ?? 'invalid Prefix',
      external: !isLeftover(existing, spec, facts),
    };
    return { context, networkSteps: [] };
  }
  // etcd knows its members by address, and Docker hands addresses out anew at every start: several servers need fixed
  // ones, which Docker only allows in a subnet that was chosen (k3d #550, #262).
  const chooses = spec.subnet === 'auto' || (spec.subnet === undefined && layout.servers.length > 1);
  const subnet = chooses ? freeSubnet(spec.name, facts) : spec.subnet;
  if (subnet) context.staticIPs = staticAddresses(subnet, layout);
  const create: PlannedStep = {
    id: 'network',
    title: `create network ${name}`,
    after: [],
    action: {
      kind: 'network.create',
      body: {
        Name: name,
        Driver: 'bridge',
        CheckDuplicate: true,
        Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'true' },
        Labels: { app: 'k3d' },
        ...(subnet ? { IPAM: { Config: [{ Subnet: subnet, Gateway: firstAddress(parseSubnet(subnet)) }] } } : {}),
      },
    },
  };
  return { context, networkSteps: [create] };
}

/** A network that an earlier run of this very cluster left behind: ours to remove with it. */
function isLeftover(network: NetworkInspect, spec: ClusterSpec, facts: Facts): boolean {
  return (
    network.Name === networkName(spec.name) &&
    network.Labels?.app === 'k3d' &&
    !facts.containers.some(container => network.Name in (container.NetworkSettings?.Networks ?? {}))
  );
}

/**
 * Fixed addresses where the subnet is ours. k3d fixes the servers' from the third address on (the first is the
 * gateway's, the second its tools node's) and lets Docker choose the rest, which can then take a server's.
 */
function staticAddresses(subnet: string, layout: ClusterLayout): Map<string, string> {
  const parsed = parseSubnet(subnet);
  const used = [firstAddress(parsed)];
  const next = (): string => {
    const address = nextFreeAddress(parsed, used);
    used.push(address);
    return address;
  };
  // Goes to the first of the others: the first agent, as with k3d, or the load balancer.
  const second = next();
  const addresses = new Map(layout.servers.map(server => [server.name, next()]));
  for (const node of [...layout.agents, ...(layout.loadBalancer ? [layout.loadBalancer] : [])]) {
    addresses.set(node.name, addresses.size === layout.servers.length ? second : next());
  }
  // Docker could give a registry the address of a server that has not started yet.
  for (const name of registryNames(layout)) addresses.set(name, next());
  return addresses;
}

function registryNames({ registries: { create, use } }: ClusterLayout): string[] {
  return [...use.map(({ registry }) => registry.node.name), ...(create ? [create.name] : [])];
}

/** Builds the steps of a create in order. */
class Steps {
  readonly list: PlannedStep[] = [];
  pulls = false;
  readonly #spec: ClusterSpec;
  readonly #layout: ClusterLayout;
  readonly #facts: Facts;
  readonly #context: ClusterContext;
  readonly #pullOf = new Map<string, string>();
  #prepared: string[] = [];
  /**
   * The first server's container. Of two who make a cluster of one name at once it is Docker that lets only one have
   * it; whatever else could be fought over is made after it.
   */
  #claim: string[] = [];
  /** Steps after which the registries run: nodes may want to pull from them as soon as they start. */
  #registriesStarted: string[] = [];

  constructor(spec: ClusterSpec, layout: ClusterLayout, facts: Facts, context: ClusterContext) {
    this.#spec = spec;
    this.#layout = layout;
    this.#facts = facts;
    this.#context = context;
  }

  add(...steps: PlannedStep[]): void {
    this.list.push(...steps);
    this.#prepared = [...this.#prepared, ...steps.filter(step => step.id === 'network').map(step => step.id)];
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
    const { staticIPs, network, k3dVersion } = this.#context;
    const after = [...this.#network, ...this.#claim];
    const joining = { name: network.name, after };
    for (const { registry, connected } of use) {
      const { name, running } = registry.node;
      const join = `join ${name} ${network.name}`;
      if (!connected) this.list.push(joinStep(name, joining, after, staticIPs.get(name)));
      const joined = connected ? [] : [join];
      if (running) this.#registriesStarted.push(...joined);
      else this.list.push(...startSteps(registry, nearbyUrl(registry, { env, endpoint }), joined));
      if (!running) this.#registriesStarted.push(`start ${name}`);
    }
    if (!create) return;
    this.list.push(
      ...createSteps(create, {
        k3dVersion,
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
    const fixes = entrypointFixes(
      this.#facts.env,
      this.#facts.engine.CgroupVersion ?? '1',
      this.#layout.hostNetwork,
      this.#facts.engine.Name,
    );
    const entrypoint = entrypointFiles(fixes);
    const { files: registryFiles } = this.#layout.registries;
    const nodeFiles = [...entrypoint, ...registryFiles];
    const what = [
      ...(entrypoint.length > 0 ? ['the entry point'] : []),
      ...(registryFiles.length > 0 ? ['registries'] : []),
    ];
    for (const node of this.#k3sNodes) {
      this.#create(node, k3sContainer(node, this.#k3sImage, this.#context), this.#k3sImage);
      const own = node.files.length > 0 ? ['its files'] : [];
      this.#files(node, `put in ${[...own, ...what].join(', ')}`, [...node.files, ...nodeFiles]);
    }
    const { loadBalancer, model } = this.#layout;
    if (!loadBalancer) return;
    this.#create(loadBalancer, loadBalancerContainer(loadBalancer, this.#lbImage, this.#context), this.#lbImage);
    this.#files(loadBalancer, 'put in its configuration', [
      ...loadBalancer.files,
      { path: VALUES_PATH, content: formatValues(model), mode: VALUES_MODE },
      {
        path: NGINX_CONF_PATH,
        content: renderNginxConf(model, new Set([this.#layout.servers[0]!.name])),
        mode: NGINX_CONF_MODE,
      },
      { path: LB_SCRIPT_PATH, content: LB_SCRIPT, mode: LB_SCRIPT_MODE },
    ]);
  }

  /**
   * First server → load balancer → API answers → further servers one by one (etcd takes one new member at a time), and
   * all agents side by side → all registered.
   */
  starts(): void {
    const { servers, agents, loadBalancer, api } = this.#layout;
    const [first, ...others] = servers as [NodeLayout, ...NodeLayout[]];
    const { wait } = this.#spec;
    const address: ApiAddress = { host: this.#context.reachable, port: api.port };
    const where = { cluster: this.#spec.name, server: first.name, api: address };

    this.#start(first, this.#registriesStarted);
    if (loadBalancer) this.#start(loadBalancer, [startId(first)]);
    let serving = [startId(loadBalancer ?? first)];
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
    for (const agent of agents) this.#start(agent, serving);
    const nodes = this.#k3sNodes.map(node => node.name);
    const started = [...afterServers, ...agents.map(agent => startId(agent))];
    if (wait) {
      const title = nodes.length === 1 ? 'node registered' : `${nodes.length} nodes registered`;
      this.#ready('registered', title, first, started, { check: 'registered', ...where, nodes });
    }
    if (loadBalancer && nodes.length > 1) {
      this.#step('reload load balancer', 'look up the nodes', loadBalancer, started, {
        kind: 'loadbalancer.reload',
        container: loadBalancer.name,
      });
      this.list.at(-1)!.optional = true;
    }
    if (wait && !this.#layout.hostNetwork) {
      this.list.push(
        dnsStep(
          this.#context.network.name,
          disablesCoreDns(first.args.join(' ')) ? [] : servers.map(server => server.name),
          this.#spec.hostAliases,
          started,
          nodes,
        ),
      );
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

  get #network(): string[] {
    return this.#prepared.filter(id => id === 'network');
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
