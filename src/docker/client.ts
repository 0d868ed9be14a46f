import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { isAbort, K3duiError } from '../errors.ts';
import { linkTarget, packFiles, unpackFirst } from './archive.ts';
import { authHeader, findCredentials } from './credentials.ts';
import type { Call, ContainerFile, Docker, ExecResult, LogChunk, LogOptions, PullProgress } from './docker.ts';
import type { ResolvedEndpoint } from './endpoint.ts';
import { cancelled, EngineRefusal, mapError } from './errors.ts';
import { followEvents, type Watchdog } from './events.ts';
import { runExec } from './exec.ts';
import { type Modem, toQuery } from './modem.ts';
import { type PullLine, PullSum, pullFailed, pullQuery } from './pull.ts';
import { pause, unlessAborted } from './signals.ts';
import { Demultiplexer, jsonLines } from './streams.ts';
import type {
  ContainerCreate,
  ContainerInspect,
  ContainerSummary,
  DockerEvent,
  EngineInfo,
  EngineVersion,
  ImageInspect,
  ImageSummary,
  NetworkCreate,
  NetworkInspect,
  VolumeInspect,
} from './types.ts';

/** Progress of a pull is reported at most this often, in milliseconds. */
const PROGRESS_INTERVAL = 50;
/** Symbolic links followed when a file is read. */
const MAXIMUM_LINKS = 10;

export interface ClientOptions {
  endpoint: ResolvedEndpoint;
  modem: Modem;
  dockerode: Dockerode;
  /** What the transport said last, for errors. */
  lastWords: () => string;
  /** Folder of Docker's config, for credentials. */
  configFolder: string;
  env: NodeJS.ProcessEnv;
  watchdog: Watchdog;
}

/** The Docker client over dockerode. dockerode knows the paths; sockets, streams and errors are ours. */
export class DockerClient implements Docker {
  readonly endpoint: ResolvedEndpoint;
  readonly #options: ClientOptions;
  readonly #modem: Modem;
  readonly #dockerode: Dockerode;
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.endpoint = options.endpoint;
    this.#modem = options.modem;
    this.#dockerode = options.dockerode;
  }

  /** Agrees on an API version with the engine, within a time limit. */
  async connect(call?: Call): Promise<void> {
    await this.#do('reach the engine', call, signal => this.#modem.apiVersion(signal));
  }

  ping(call?: Call): Promise<void> {
    return this.#do('ping the engine', call, async signal => {
      await this.#modem.json({ method: 'GET', path: '/_ping', unversioned: true, signal });
    });
  }

  version(call?: Call): Promise<EngineVersion> {
    return this.#do('ask for the version', call, signal => {
      return this.#modem.json({ method: 'GET', path: '/version', signal }) as Promise<EngineVersion>;
    });
  }

  info(call?: Call): Promise<EngineInfo> {
    return this.#do('ask the engine about itself', call, signal => {
      return this.#modem.json({ method: 'GET', path: '/info', signal }) as Promise<EngineInfo>;
    });
  }

  async listContainers(filter: { labels?: string[]; names?: string[] } = {}, call?: Call) {
    const { labels, names } = filter;
    // Docker takes names as patterns that match anywhere.
    const name = names?.map(text => `^/?${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);
    return this.#do('list containers', call, async abortSignal => {
      const found = await this.#dockerode.listContainers({
        all: true,
        filters: { ...(labels && { label: labels }), ...(name && { name }) },
        abortSignal,
      });
      return found as unknown as ContainerSummary[];
    });
  }

  inspectContainer(id: string, call?: Call): Promise<ContainerInspect> {
    return this.#do(`inspect ${id}`, call, async abortSignal => {
      return (await this.#container(id).inspect({ abortSignal })) as unknown as ContainerInspect;
    });
  }

  createContainer(name: string, body: ContainerCreate, call?: Call): Promise<string> {
    return this.#do(`create container ${name}`, call, async abortSignal => {
      const container = await this.#dockerode.createContainer({
        _query: { name },
        _body: body,
        abortSignal,
      } as Dockerode.ContainerCreateOptions);
      return container.id;
    });
  }

  startContainer(id: string, call?: Call): Promise<void> {
    return this.#do(`start ${id}`, call, abortSignal => done(this.#container(id).start({ abortSignal }), 304));
  }

  stopContainer(
    id: string,
    options: { timeoutSeconds?: number; stopSignal?: string } = {},
    call?: Call,
  ): Promise<void> {
    const { timeoutSeconds, stopSignal } = options;
    return this.#do(`stop ${id}`, call, abortSignal => {
      const query = { t: timeoutSeconds, signal: stopSignal, abortSignal };
      return done(this.#container(id).stop(query), 304);
    });
  }

  killContainer(id: string, unixSignal: string, call?: Call): Promise<void> {
    return this.#do(`send ${unixSignal} to ${id}`, call, abortSignal => {
      return done(this.#container(id).kill({ signal: unixSignal, abortSignal }));
    });
  }

  renameContainer(id: string, name: string, call?: Call): Promise<void> {
    return this.#do(`rename ${id} to ${name}`, call, abortSignal => {
      return done(this.#container(id).rename({ name, abortSignal }));
    });
  }

  removeContainer(id: string, options: { force?: boolean } = {}, call?: Call): Promise<void> {
    return this.#do(`remove ${id}`, call, async signal => {
      for (let wait = 10; ; wait = Math.min(wait * 2, 500)) {
        try {
          return await done(this.#container(id).remove({ v: true, force: options.force, abortSignal: signal }), 404);
        } catch (error) {
          // Somebody else removes it at this moment: gone is only gone when the engine says so.
          if (!(error instanceof EngineRefusal) || !/already in progress/i.test(error.message)) throw error;
          await pause(wait, signal);
        }
      }
    });
  }

  async *logs(id: string, options: LogOptions = {}, call?: Call): AsyncGenerator<LogChunk> {
    const { follow, since, until, tail, timestamps } = options;
    const query = toQuery({
      stdout: true,
      stderr: true,
      follow,
      since: since?.toFixed(6),
      until: until?.toFixed(6),
      tail,
      timestamps,
    });
    const path = `/containers/${encodeURIComponent(id)}/logs?${query}`;
    yield* this.#stream(`read the log of ${id}`, path, call, async function* (stream) {
      const demultiplexer = new Demultiplexer();
      for await (const piece of stream) yield* demultiplexer.push(piece as Buffer);
      yield* demultiplexer.end();
    });
  }

  writeFiles(id: string, files: ContainerFile[], call?: Call): Promise<void> {
    if (files.length === 0) return Promise.resolve();
    return this.#do(`write ${files.map(file => file.path).join(', ')} into ${id}`, call, async abortSignal => {
      await this.#container(id).putArchive(await packFiles(files), { path: '/', abortSignal });
    });
  }

  readFile(id: string, path: string, call?: Call): Promise<Buffer | undefined> {
    return this.#do(`read ${path} from ${id}`, call, async abortSignal => {
      let at = path;
      for (let links = 0; links <= MAXIMUM_LINKS; links++) {
        const stream = await this.#container(id)
          .getArchive({ path: at, abortSignal })
          .catch(error => {
            if (!isMissingPath(error)) throw error;
          });
        if (!stream) return undefined;
        const found = await unpackFirst(stream as Readable);
        if (found === undefined) return undefined;
        if (found.type === 'file') return found.content;
        if (found.type === 'other') throw new EngineRefusal(400, `it is no file but a ${found.kind}`);
        at = linkTarget(at, found.target);
      }
      throw new EngineRefusal(400, 'too many symbolic links');
    });
  }

  exec(
    id: string,
    command: string[],
    options: { stdin?: string | Buffer; env?: string[] } = {},
    call?: Call,
  ): Promise<ExecResult> {
    return this.#do(`run ${command[0]} in ${id}`, call, signal => {
      return runExec(this.#modem, id, command, { ...options, signal });
    });
  }

  listNetworks(filter: { labels?: string[] } = {}, call?: Call): Promise<NetworkInspect[]> {
    return this.#do('list networks', call, async abortSignal => {
      const filters = filter.labels && { label: filter.labels };
      return (await this.#dockerode.listNetworks({ filters, abortSignal })) as unknown as NetworkInspect[];
    });
  }

  inspectNetwork(id: string, call?: Call): Promise<NetworkInspect | undefined> {
    return this.#do(`inspect network ${id}`, call, async signal => {
      const network = (await this.#get(`/networks/${encodeURIComponent(id)}`, signal)) as NetworkInspect | undefined;
      // Docker also takes the beginning of an id, which a name may happen to be.
      return network?.Name === id || network?.Id === id ? network : undefined;
    });
  }

  createNetwork(body: NetworkCreate, call?: Call): Promise<string> {
    return this.#do(`create network ${body.Name}`, call, async abortSignal => {
      const network = await this.#dockerode.createNetwork({
        _query: {},
        _body: body,
        abortSignal,
      } as unknown as Dockerode.NetworkCreateOptions);
      return network.id;
    });
  }

  removeNetwork(id: string, call?: Call): Promise<void> {
    return this.#do(`remove network ${id}`, call, abortSignal => done(this.#network(id).remove({ abortSignal }), 404));
  }

  connectNetwork(network: string, container: string, options: { ipv4?: string } = {}, call?: Call): Promise<void> {
    const EndpointConfig = options.ipv4 ? { IPAMConfig: { IPv4Address: options.ipv4 } } : undefined;
    return this.#do(`connect ${container} to network ${network}`, call, abortSignal => {
      const options = { Container: container, EndpointConfig, abortSignal };
      return done(this.#network(network).connect(options as Dockerode.NetworkConnectOptions));
    });
  }

  disconnectNetwork(network: string, container: string, options: { force?: boolean } = {}, call?: Call): Promise<void> {
    return this.#do(`disconnect ${container} from network ${network}`, call, abortSignal => {
      return done(this.#network(network).disconnect({ Container: container, Force: options.force, abortSignal }));
    });
  }

  listVolumes(filter: { labels?: string[] } = {}, call?: Call): Promise<VolumeInspect[]> {
    return this.#do('list volumes', call, async abortSignal => {
      const filters = filter.labels && { label: filter.labels };
      const found = await this.#dockerode.listVolumes({ filters, abortSignal } as Dockerode.VolumeListOptions);
      return (found.Volumes ?? []) as unknown as VolumeInspect[];
    });
  }

  createVolume(name: string, labels: Record<string, string>, call?: Call): Promise<VolumeInspect> {
    return this.#do(`create volume ${name}`, call, signal => {
      const body = JSON.stringify({ Name: name, Labels: labels });
      return this.#modem.json({ method: 'POST', path: '/volumes/create', body, signal }) as Promise<VolumeInspect>;
    });
  }

  removeVolume(name: string, call?: Call): Promise<void> {
    return this.#do(`remove volume ${name}`, call, abortSignal => {
      return done(this.#dockerode.getVolume(encodeURIComponent(name)).remove({ abortSignal }), 404);
    });
  }

  listImages(call?: Call): Promise<ImageSummary[]> {
    return this.#do('list images', call, abortSignal => {
      return this.#dockerode.listImages({ abortSignal }) as unknown as Promise<ImageSummary[]>;
    });
  }

  inspectImage(reference: string, call?: Call): Promise<ImageInspect | undefined> {
    const path = `/images/${reference.split('/').map(encodeURIComponent).join('/')}/json`;
    return this.#do(`inspect image ${reference}`, call, signal => {
      return this.#get(path, signal) as Promise<ImageInspect | undefined>;
    });
  }

  pullImage(reference: string, onProgress?: (progress: PullProgress) => void, call?: Call): Promise<void> {
    return this.#do(`pull ${reference}`, call, async signal => {
      const { configFolder, env } = this.#options;
      const { credentials, problem } = await findCredentials(reference, { configFolder, env, signal });
      const request = {
        method: 'POST',
        path: `/images/create?${toQuery(pullQuery(reference))}`,
        headers: credentials && { 'X-Registry-Auth': authHeader(credentials) },
        signal,
      };
      const { stream } = await this.#modem.open(request).catch(error => {
        throw error instanceof EngineRefusal ? pullFailed(reference, error.message, problem, error) : error;
      });
      const sum = new PullSum();
      let reported = 0;
      for await (const line of jsonLines(stream)) {
        sum.add(line as PullLine, reference, problem);
        if (Date.now() - reported < PROGRESS_INTERVAL) continue;
        reported = Date.now();
        onProgress?.(sum.progress);
      }
      onProgress?.(sum.progress);
    });
  }

  async *events(
    options: { since?: number; labels?: string[]; types?: string[]; actions?: string[] } = {},
    call?: Call,
  ): AsyncGenerator<DockerEvent> {
    const { since, labels, types, actions } = options;
    const filters = {
      ...(labels && { label: labels }),
      ...(types && { type: types }),
      ...(actions && { event: actions }),
    };
    const path = `/events?${toQuery({ since, filters })}`;
    const ping = (signal: AbortSignal) => this.ping({ signal });
    try {
      yield* followEvents(this.#modem, path, ping, this.#options.watchdog, call?.signal);
    } catch (error) {
      throw this.#map(error, 'follow the events', call?.signal);
    }
  }

  close(): void {
    this.#closed = true;
    this.#modem.close();
  }

  #container(id: string): Dockerode.Container {
    return this.#dockerode.getContainer(encodeURIComponent(id));
  }

  #network(id: string): Dockerode.Network {
    return this.#dockerode.getNetwork(encodeURIComponent(id));
  }

  /** undefined when the engine has no such thing. */
  async #get(path: string, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      return await this.#modem.json({ method: 'GET', path, signal });
    } catch (error) {
      if (error instanceof EngineRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Runs one call: ends it when the signal aborts, and maps what it throws. */
  async #do<T>(doing: string, call: Call | undefined, work: (signal: AbortSignal | undefined) => Promise<T>) {
    const signal = call?.signal;
    if (signal?.aborted) throw cancelled(doing, signal.reason);
    try {
      return await unlessAborted(work(signal), signal);
    } catch (error) {
      throw this.#map(error, doing, signal);
    }
  }

  /** The same for a stream of values: the connection ends with the loop that reads them. */
  async *#stream<T>(
    doing: string,
    path: string,
    call: Call | undefined,
    parts: (stream: Readable) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const stream = await this.#do(doing, call, async signal => {
      return (await this.#modem.open({ method: 'GET', path, signal })).stream;
    });
    try {
      yield* parts(stream);
    } catch (error) {
      throw this.#map(error, doing, call?.signal);
    } finally {
      stream.destroy();
    }
  }

  #map(error: unknown, doing: string, signal: AbortSignal | undefined): K3duiError {
    if (signal?.aborted || (this.#closed && !(error instanceof K3duiError))) return cancelled(doing, error);
    if (isAbort(error)) return cancelled(doing, error);
    return mapError(error, { doing, endpoint: this.endpoint, lastWords: this.#options.lastWords() });
  }
}

/** Drops the answer; a status that means "nothing to do" counts as done. */
async function done(work: Promise<unknown>, nothingToDo?: number): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== nothingToDo) throw error;
  }
}

/** The container is there, the path in it is not. */
function isMissingPath(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 404 && !/no such container/i.test(error.message);
}
