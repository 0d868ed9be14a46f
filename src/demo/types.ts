import type { Socket } from 'node:net';
import type { Files } from './files.ts';
import type { Log } from './log.ts';

/** Docker's objects as the demo engine holds them. Field names inside `config` and `hostConfig` are Docker's. */

export interface PortBinding {
  HostIp?: string;
  HostPort?: string;
}

export interface ContainerConfig {
  Hostname?: string;
  User?: string;
  Tty?: boolean;
  OpenStdin?: boolean;
  Env?: string[] | null;
  Cmd?: string[] | null;
  Entrypoint?: string[] | string | null;
  Image?: string;
  Labels?: Record<string, string> | null;
  Volumes?: Record<string, object> | null;
  ExposedPorts?: Record<string, object> | null;
  WorkingDir?: string;
  StopSignal?: string;
  StopTimeout?: number;
}

export interface HostConfig {
  Binds?: string[] | null;
  Mounts?: { Type: string; Source?: string; Target: string; ReadOnly?: boolean }[] | null;
  NetworkMode?: string;
  PortBindings?: Record<string, PortBinding[] | null> | null;
  RestartPolicy?: { Name?: string; MaximumRetryCount?: number };
  AutoRemove?: boolean;
  ExtraHosts?: string[] | null;
  Privileged?: boolean;
  PidMode?: string;
  Memory?: number;
  NanoCpus?: number;
  Init?: boolean;
  [other: string]: unknown;
}

export interface EndpointRequest {
  IPAMConfig?: { IPv4Address?: string } | null;
  Aliases?: string[] | null;
  Links?: string[] | null;
}

export interface Endpoint {
  network: Network;
  id: string;
  request: EndpointRequest;
  /** Empty while the container is stopped. */
  ip: string;
  mac: string;
}

export interface Network {
  id: string;
  name: string;
  driver: string;
  created: number;
  subnet: string;
  gateway: string;
  internal: boolean;
  attachable: boolean;
  labels: Record<string, string>;
  options: Record<string, string>;
  /** By container id. */
  endpoints: Map<string, Container>;
}

export interface Volume {
  name: string;
  created: number;
  labels: Record<string, string>;
  options: Record<string, string> | null;
  anonymous: boolean;
  files: Files;
}

export interface Image {
  id: string;
  tags: string[];
  digests: string[];
  created: number;
  size: number;
  layers: string[];
  config: ContainerConfig;
  base: Files;
}

export interface Mount {
  type: 'bind' | 'volume';
  name?: string;
  source: string;
  destination: string;
  mode: string;
  rw: boolean;
}

export type Status = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface Container {
  id: string;
  name: string;
  created: number;
  config: ContainerConfig;
  hostConfig: HostConfig;
  image: Image;
  path: string;
  args: string[];
  status: Status;
  pid: number;
  exitCode: number;
  error: string;
  /** Unix milliseconds; 0 is never. */
  startedAt: number;
  finishedAt: number;
  restartCount: number;
  /** By network name. */
  endpoints: Map<string, Endpoint>;
  /** Published ports while it runs: container port with protocol → bindings. */
  ports: Record<string, PortBinding[] | null>;
  mounts: Mount[];
  files: Files;
  log: Log;
  /** The simulated process; undefined when it does not run. */
  program: Program | undefined;
  /** True when somebody stopped it, so that `unless-stopped` leaves it alone. */
  stoppedByHand: boolean;
  /** Ends a pending restart of the restart policy. */
  cancelRestart: (() => void) | undefined;
  /** What the simulated process keeps over restarts, by the program's own keys. */
  memory: Map<string, unknown>;
  /** False: its ports are only written down, no real socket listens. */
  listens: boolean;
  /** True (what the demo begins with): a host port that something real holds does not keep it from starting. */
  lenient: boolean;
  execs: Set<string>;
  /** Called at each exit with the exit code. */
  waiters: Set<(exitCode: number) => void>;
}

/** What a simulated process is given. */
export interface Process {
  container: Container;
  /** One line, without its line end. */
  out(line: string): void;
  err(line: string): void;
  /** Simulated milliseconds; forgotten when the process ends. */
  after(ms: number, run: () => void, atLeast?: number): void;
  exit(code: number): void;
  /** True until it has exited. */
  readonly alive: boolean;
}

export interface ExecIo {
  stdin: AsyncIterable<Buffer>;
  out(data: string | Buffer): void;
  err(data: string | Buffer): void;
  env: Record<string, string>;
  /** True when the caller went away or the container ended. */
  readonly gone: boolean;
}

/** A simulated process in a container. */
export interface Program {
  signal(name: string): void;
  /** Somebody connects to a port of the container. */
  connect(port: number, socket: Socket): void;
  /** Whether a connection to a port would be taken; a program without this takes none. */
  listens?(port: number): boolean;
  /** Runs a command beside it; undefined when it does not know the command. */
  exec(argv: string[], io: ExecIo): Promise<number> | undefined;
  /** Runs a shell script that is longer than what the demo's shell can, if it knows what it is for. */
  script?(text: string, io: ExecIo): Promise<number> | undefined;
  /** Command lines for `top`. */
  processes(): string[];
}
