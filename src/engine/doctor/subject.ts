import { readFile, statfs } from 'node:fs/promises';
import type { Call, ExecResult } from '../../docker/docker.ts';
import type { ContainerInspect, ContainerSummary, EngineInfo, EngineVersion } from '../../docker/types.ts';
import { isAbort, isK3duiError } from '../../errors.ts';
import { type Kubernetes, openKubernetes } from '../../kubernetes/kubernetes.ts';
import { type ListedPod, listNodeStates, listPods, type NodeState } from '../../kubernetes/workloads.ts';
import { apiAddress } from '../cluster/api-address.ts';
import { sharesFiles } from '../endpoint.ts';
import type { Engine } from '../engine.ts';
import { kubeconfigOf } from '../kubeconfig/of-cluster.ts';
import type { Cluster, Node, Snapshot } from '../model.ts';
import type { ApiAddress } from '../plan.ts';
import { limited } from '../wait.ts';

/** Milliseconds that Kubernetes may take to answer one question. */
const KUBERNETES_LIMIT = 8000;
const EXEC_LIMIT = 8000;
/** A node that Docker had to start again counts as steady after so many milliseconds. */
const STEADY_AFTER = 60_000;

/** Reads each thing once, however many checks ask for it. */
class Memory {
  readonly #known = new Map<string, Promise<unknown>>();

  once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known) return known as Promise<T>;
    const reading = read();
    this.#known.set(key, reading);
    // Whoever asks sees the failure; nobody may have asked yet.
    reading.catch(() => {});
    return reading;
  }
}

/** What checks of the engine look at: read when asked for, once for all of them. */
export class EngineSubject {
  readonly engine: Engine;
  readonly snapshot: Snapshot;
  readonly call: Call;
  readonly memory: Memory;

  constructor(engine: Engine, snapshot: Snapshot, call: Call, memory = new Memory()) {
    this.engine = engine;
    this.snapshot = snapshot;
    this.call = call;
    this.memory = memory;
  }

  /** With the moment between question and answer, in milliseconds since the epoch. */
  info(): Promise<{ info: EngineInfo; at: number }> {
    return this.memory.once('info', async () => {
      const begin = Date.now();
      const info = await this.engine.docker.info(this.call);
      return { info, at: (begin + Date.now()) / 2 };
    });
  }

  version(): Promise<EngineVersion> {
    return this.memory.once('version', () => this.engine.docker.version(this.call));
  }

  /** Every container of the engine, whoever made it. */
  containers(): Promise<ContainerSummary[]> {
    return this.memory.once('containers', () => this.engine.docker.listContainers({}, this.call));
  }

  inspect(node: Node): Promise<ContainerInspect> {
    return this.memory.once(`inspect ${node.id}`, () => this.engine.docker.inspectContainer(node.id, this.call));
  }

  /** The last lines that the container printed, both streams. @param since RFC 3339: none before that */
  lastLines(node: Node, count: number, since?: string): Promise<string[]> {
    return this.memory.once(`log ${node.id} ${count} ${since}`, async () => {
      const chunks: Buffer[] = [];
      const options = { tail: count, ...(since ? { since: Date.parse(since) / 1000 } : {}) };
      for await (const { data } of this.engine.docker.logs(node.id, options, this.call)) chunks.push(data);
      return Buffer.concat(chunks)
        .toString('utf8')
        .split('\n')
        .filter(line => line.trim() !== '');
    });
  }

  /**
   * Runs a command in a node, with a limit of its own. undefined: the node does not have the command, or has just ended
   * (one that ends again and again is a finding by itself).
   */
  async exec(node: Node, command: string[]): Promise<ExecResult | undefined> {
    try {
      const result = await this.engine.docker.exec(node.id, command, {}, limited(this.call, EXEC_LIMIT));
      return result.exitCode === 126 || result.exitCode === 127 ? undefined : result;
    } catch (error) {
      if (isK3duiError(error, 'CONFLICT') || isK3duiError(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** Those that run and have not just come back from an end. */
  async steady(nodes: readonly Node[]): Promise<Node[]> {
    const found = await Promise.all(
      nodes.map(async node => {
        if (!node.running) return [];
        const { State, RestartCount } = await this.inspect(node);
        const fresh = RestartCount > 0 && Date.now() - Date.parse(State.StartedAt) < STEADY_AFTER;
        return State.Running && !State.Restarting && !fresh ? [node] : [];
      }),
    );
    return found.flat();
  }

  /** True when Docker's machine is this one as far as can be told; not a virtual machine or another host. */
  async isThisMachine(): Promise<boolean> {
    const { endpoint } = this.engine.docker;
    if (endpoint.demo || !sharesFiles(endpoint) || process.platform !== 'linux') return false;
    const { info } = await this.info();
    return !/docker desktop|colima|lima|podman/i.test(`${info.OperatingSystem} ${info.Name}`);
  }

  /** A node that runs, through which the machine's kernel can be seen: nodes are privileged. */
  window(): Promise<Node | undefined> {
    return this.memory.once('window', async () => {
      const nodes = this.snapshot.clusters.flatMap(cluster => [...cluster.servers, ...cluster.agents]);
      for (const node of nodes.filter(({ running }) => running)) {
        const [steady] = await this.steady([node]);
        if (steady) return steady;
      }
      return undefined;
    });
  }

  /** A file of Docker's machine under /proc, through a node, else here if Docker is here. undefined: cannot be seen. */
  machineFile(path: string): Promise<string | undefined> {
    return this.memory.once(`file ${path}`, async () => {
      const window = await this.window();
      if (window) {
        const result = await this.exec(window, ['cat', path]);
        return result?.exitCode === 0 ? result.stdout : undefined;
      }
      if (!(await this.isThisMachine())) return undefined;
      return readFile(path, 'utf8').catch(() => undefined);
    });
  }

  /** Space of the file system on which Docker keeps everything, in bytes. undefined: cannot be seen. */
  async dockerDisk(): Promise<{ total: number; free: number } | undefined> {
    const window = await this.window();
    if (window) {
      const result = await this.exec(window, ['df', '-P', '-k', '/']);
      const [, blocks, , free] = result?.stdout.trim().split('\n').at(-1)?.split(/\s+/) ?? [];
      if (result?.exitCode === 0 && Number(blocks) > 0) {
        return { total: Number(blocks) * 1024, free: Number(free) * 1024 };
      }
    }
    if (!(await this.isThisMachine())) return undefined;
    const { info } = await this.info();
    const found = await statfs(info.DockerRootDir).catch(() => undefined);
    return found && { total: found.blocks * found.bsize, free: found.bavail * found.bsize };
  }
}

/** What checks of one cluster look at. */
export class ClusterSubject extends EngineSubject {
  readonly cluster: Cluster;
  readonly own = new Memory();

  constructor(whole: EngineSubject, cluster: Cluster) {
    super(whole.engine, whole.snapshot, whole.call, whole.memory);
    this.cluster = cluster;
  }

  /** Servers and agents. */
  get nodes(): Node[] {
    return [...this.cluster.servers, ...this.cluster.agents];
  }

  get running(): Node[] {
    return this.nodes.filter(node => node.running);
  }

  /** Those in which something can be asked. */
  steadyNodes(): Promise<Node[]> {
    return this.own.once('steady', () => this.steady(this.nodes));
  }

  /** A cluster that somebody stopped as a whole has no faults for that. */
  get isUp(): boolean {
    return this.cluster.servers.some(node => node.running);
  }

  get onHostNetwork(): boolean {
    return this.cluster.network?.name === 'host';
  }

  get api(): ApiAddress | undefined {
    const { docker, env } = this.engine;
    return apiAddress(this.cluster, { env, endpoint: docker.endpoint });
  }

  /** The finished kubeconfig, also of a stopped cluster. */
  kubeconfig(): Promise<string> {
    return this.own.once('kubeconfig', () => kubeconfigOf(this.engine, this.cluster, this.call));
  }

  kubernetes(): Promise<Kubernetes> {
    return this.own.once('kubernetes', async () => openKubernetes(await this.kubeconfig()));
  }

  /** Whether the API answers at its published address. */
  apiAnswers(): Promise<boolean> {
    return this.own.once('readyz', async () => {
      if (!this.isUp) return false;
      try {
        return await (await this.kubernetes()).readyz(this.limited());
      } catch (error) {
        if (isAbort(error) && this.call.signal?.aborted) throw error;
        return false;
      }
    });
  }

  /** undefined when the API does not answer; that is a check's finding by itself. */
  kubernetesNodes(): Promise<NodeState[] | undefined> {
    return this.own.once('nodes', async () =>
      (await this.apiAnswers()) ? listNodeStates(await this.kubeconfig(), this.limited()) : undefined,
    );
  }

  pods(): Promise<ListedPod[] | undefined> {
    return this.own.once('pods', async () =>
      (await this.apiAnswers()) ? listPods(await this.kubeconfig(), this.limited()) : undefined,
    );
  }

  limited(): Call {
    return limited(this.call, KUBERNETES_LIMIT);
  }
}
