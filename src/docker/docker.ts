import type {
  ContainerCreate,
  ContainerInspect,
  ContainerStats,
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

/** What every call takes: when `signal` aborts, the call ends at once with a `CANCELLED` error. */
export interface Call {
  signal?: AbortSignal;
}

/** Where the engine is and how we came to know it. */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. */
  address: string;
  /** Where the address came from: `--host`, `DOCKER_HOST`, `context NAME`, `default`, `demo`. */
  source: string;
  /** True for the demo engine, so that the screen can say so. */
  demo: boolean;
}

/** A file to be put into a container. */
export interface ContainerFile {
  /** Absolute path in the container. */
  path: string;
  content: string | Buffer;
  /** Permission bits, e.g. 0o744. */
  mode: number;
}

export interface LogOptions {
  follow?: boolean;
  /** Unix time in seconds (fractions allowed); only lines written at or after it. */
  since?: number;
  until?: number;
  /** Only the last n lines. */
  tail?: number;
  /** Each line begins with Docker's RFC 3339 time stamp and a space. */
  timestamps?: boolean;
}

export interface LogChunk {
  stream: 'stdout' | 'stderr';
  data: Buffer;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface InteractiveOptions {
  /** Give the command a terminal; then there is one stream, and errors are in it. */
  tty: boolean;
  /** Size of that terminal in cells. */
  columns?: number;
  rows?: number;
  env?: string[];
}

/** A command that runs in a container and is talked to. */
export interface InteractiveExec {
  /** What it prints, in order; ends when the command does. */
  readonly output: AsyncIterable<LogChunk>;
  /** Sends input. Resolves when more is welcome. */
  write(data: Buffer | string): Promise<void>;
  /** Ends its input; the output goes on. */
  endInput(): void;
  /** Tells its terminal the new size. Does nothing when it has ended. */
  resize(columns: number, rows: number): Promise<void>;
  /** Its exit code, once it has ended; waits for that until the signal aborts. */
  exitCode(signal?: AbortSignal): Promise<number>;
  /** Ends the connection. The command goes on in the container, as Docker has no way to end it. */
  close(): void;
}

/** Progress of a pull, summed over the layers. `total` grows while layers become known. */
export interface PullProgress {
  /** Bytes downloaded so far, and in all, as far as known. */
  current: number;
  total: number;
  layersDone: number;
  layers: number;
  /** Docker's own last status line, e.g. `Extracting`. */
  status: string;
}

/** Progress of a push, summed over the layers. */
export interface PushProgress {
  /** Bytes sent so far, and in all, as far as known. */
  current: number;
  total: number;
  /** Docker's own last status line, e.g. `Pushing`. */
  status: string;
}

/** A file in a container. */
export interface DatedFile {
  content: Buffer;
  /** By the clock of the engine's machine, to the second; undefined: not known. */
  written: Date | undefined;
}

/**
 * The one small client over the Docker API. Every method may throw K3duiError with one of the codes
 * DOCKER_UNREACHABLE, NOT_FOUND, CONFLICT, PORT_TAKEN, NAME_TAKEN, IMAGE_MISSING, PULL_FAILED, PERMISSION_DENIED,
 * CANCELLED, DOCKER_ERROR. Names or ids are taken alike.
 */
export interface Docker {
  readonly endpoint: Endpoint;
  ping(call?: Call): Promise<void>;
  version(call?: Call): Promise<EngineVersion>;
  info(call?: Call): Promise<EngineInfo>;

  /** All containers, stopped ones too, that have every label given (`app=k3d`). */
  listContainers(filter?: { labels?: string[]; names?: string[] }, call?: Call): Promise<ContainerSummary[]>;
  inspectContainer(id: string, call?: Call): Promise<ContainerInspect>;
  /** Returns the id. */
  createContainer(name: string, body: ContainerCreate, call?: Call): Promise<string>;
  /** Does nothing when it runs already. */
  startContainer(id: string, call?: Call): Promise<void>;
  /** Sends the stop signal, after `timeoutSeconds` KILL. Does nothing when it is stopped already. */
  stopContainer(id: string, options?: { timeoutSeconds?: number; stopSignal?: string }, call?: Call): Promise<void>;
  killContainer(id: string, unixSignal: string, call?: Call): Promise<void>;
  renameContainer(id: string, name: string, call?: Call): Promise<void>;
  /** Removes it with its anonymous volumes. Does nothing when it is gone already. */
  removeContainer(id: string, options?: { force?: boolean }, call?: Call): Promise<void>;
  /** Log output in order. Ends when the container does (follow) or the log does. */
  logs(id: string, options?: LogOptions, call?: Call): AsyncIterable<LogChunk>;
  /** Puts files in, in one archive, making folders as needed, also into a stopped container. */
  writeFiles(id: string, files: ContainerFile[], call?: Call): Promise<void>;
  /** The file's content, or undefined when there is none. Works on stopped containers. */
  readFile(id: string, path: string, call?: Call): Promise<Buffer | undefined>;
  /** The same, with the time at which it was written. */
  readDatedFile(id: string, path: string, call?: Call): Promise<DatedFile | undefined>;
  /** Runs a command to its end; the exit code is read after the stream has ended. */
  exec(
    id: string,
    command: string[],
    options?: { stdin?: string | Buffer; env?: string[] },
    call?: Call,
  ): Promise<ExecResult>;
  /** Starts a command that is talked to: a shell. */
  execInteractive(id: string, command: string[], options: InteractiveOptions, call?: Call): Promise<InteractiveExec>;
  /** Statistics about once a second while it exists; of a container that does not run they are zero. */
  stats(id: string, call?: Call): AsyncIterable<ContainerStats>;

  listNetworks(filter?: { labels?: string[] }, call?: Call): Promise<NetworkInspect[]>;
  /** undefined when there is none. Exact name or id. */
  inspectNetwork(id: string, call?: Call): Promise<NetworkInspect | undefined>;
  /** Returns the id. */
  createNetwork(body: NetworkCreate, call?: Call): Promise<string>;
  /** Does nothing when it is gone already. */
  removeNetwork(id: string, call?: Call): Promise<void>;
  connectNetwork(network: string, container: string, options?: { ipv4?: string }, call?: Call): Promise<void>;
  disconnectNetwork(network: string, container: string, options?: { force?: boolean }, call?: Call): Promise<void>;

  listVolumes(filter?: { labels?: string[] }, call?: Call): Promise<VolumeInspect[]>;
  createVolume(name: string, labels: Record<string, string>, call?: Call): Promise<VolumeInspect>;
  /** Does nothing when it is gone already. */
  removeVolume(name: string, call?: Call): Promise<void>;

  listImages(call?: Call): Promise<ImageSummary[]>;
  /** undefined when the engine does not have it. */
  inspectImage(reference: string, call?: Call): Promise<ImageInspect | undefined>;
  /** These images as one tar, as `docker save` writes it. Throws NOT_FOUND when one is gone. */
  saveImages(references: string[], call?: Call): AsyncIterable<Buffer>;
  /** Pulls with the credentials of Docker's own config. */
  pullImage(reference: string, onProgress?: (progress: PullProgress) => void, call?: Call): Promise<void>;
  /** Gives an image a further name. */
  tagImage(image: string, reference: string, call?: Call): Promise<void>;
  /** Takes one name of an image away, but not its last one, as the image would go with it. */
  untagImage(reference: string, call?: Call): Promise<void>;
  /** Pushes with the credentials of Docker's own config. Returns the digest. Throws PUSH_FAILED. */
  pushImage(reference: string, onProgress?: (progress: PushProgress) => void, call?: Call): Promise<string>;
  /**
   * The digest that the engine itself finds in a registry under this name, which proves that it could pull it. Throws
   * MANIFEST_MISSING when the registry answers but has no such image, PULL_FAILED when the engine cannot ask it.
   */
  remoteDigest(reference: string, call?: Call): Promise<string>;

  /**
   * Events from now on (or `since`, unix seconds), of these types and actions if given. Throws DOCKER_UNREACHABLE when
   * the engine goes away.
   */
  events(
    options?: { since?: number; labels?: string[]; types?: string[]; actions?: string[] },
    call?: Call,
  ): AsyncIterable<DockerEvent>;

  /** Ends all streams and sockets. */
  close(): void;
}
