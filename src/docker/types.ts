/**
 * The parts of Docker's API objects that k3dui reads or writes, under Docker's own names.
 * Anything may be missing in a broken container, so what is optional here really is.
 */

export interface PortBinding {
  HostIp?: string;
  HostPort?: string;
}

/** Container port (`80/tcp`; k3d writes its API port as a bare `6443`) → host bindings. */
export type PortBindings = Record<string, PortBinding[] | null>;

export interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

export interface EndpointSettings {
  IPAMConfig?: { IPv4Address?: string; IPv6Address?: string } | null;
  Aliases?: string[] | null;
  NetworkID?: string;
  Gateway?: string;
  IPAddress?: string;
  IPPrefixLen?: number;
}

export interface HostConfig {
  Binds?: string[] | null;
  NetworkMode?: string;
  PortBindings?: PortBindings | null;
  RestartPolicy?: { Name: string; MaximumRetryCount?: number };
  ExtraHosts?: string[] | null;
  Privileged?: boolean;
  PidMode?: string;
  UsernsMode?: string;
  Tmpfs?: Record<string, string>;
  Init?: boolean;
  Memory?: number;
  NanoCpus?: number;
  Ulimits?: Ulimit[] | null;
  DeviceRequests?: Record<string, unknown>[] | null;
  SecurityOpt?: string[] | null;
}

/** Body of `POST /containers/create`. */
export interface ContainerCreate {
  Hostname?: string;
  Image: string;
  Env?: string[];
  Cmd?: string[];
  Entrypoint?: string[];
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, Record<string, never>>;
  StopSignal?: string;
  StopTimeout?: number;
  HostConfig: HostConfig;
  NetworkingConfig?: { EndpointsConfig: Record<string, EndpointSettings> };
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** One row of `GET /containers/json`. */
export interface ContainerSummary {
  Id: string;
  /** With a leading slash; empty for a container that is being removed. */
  Names?: string[];
  Image: string;
  ImageID: string;
  Command?: string;
  /** Unix time in seconds. */
  Created: number;
  Ports?: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[];
  Labels?: Record<string, string>;
  State: ContainerState;
  /** For people: `Up 3 minutes`, `Exited (1) 2 hours ago`. */
  Status?: string;
  HostConfig?: { NetworkMode?: string };
  NetworkSettings?: { Networks?: Record<string, EndpointSettings> };
  Mounts?: { Type: string; Name?: string; Source?: string; Destination: string }[];
}

export interface ContainerInspect {
  Id: string;
  Created: string;
  Name: string;
  Path: string;
  Args: string[];
  RestartCount: number;
  Image: string;
  State: {
    Status: ContainerState;
    Running: boolean;
    Restarting: boolean;
    OOMKilled: boolean;
    Dead?: boolean;
    Pid: number;
    ExitCode: number;
    Error: string;
    StartedAt: string;
    FinishedAt: string;
  };
  HostConfig: HostConfig;
  Mounts?: { Type: string; Name?: string; Source: string; Destination: string; RW?: boolean }[];
  Config: {
    Hostname: string;
    Env?: string[] | null;
    Cmd?: string[] | null;
    Image: string;
    Entrypoint?: string[] | null;
    Labels?: Record<string, string> | null;
    ExposedPorts?: Record<string, unknown> | null;
    Volumes?: Record<string, unknown> | null;
    StopSignal?: string;
    StopTimeout?: number;
  };
  NetworkSettings: {
    Ports?: PortBindings | null;
    Networks?: Record<string, EndpointSettings>;
  };
}

/** One line of `GET /containers/ID/stats`, as far as it is used. All may be missing where the container does not run. */
export interface ContainerStats {
  /** RFC 3339. */
  read?: string;
  preread?: string;
  cpu_stats?: CpuStats;
  precpu_stats?: CpuStats;
  memory_stats?: {
    /** Bytes. */
    usage?: number;
    limit?: number;
    /** cgroup v1: `total_inactive_file`; v2: `inactive_file`. */
    stats?: Record<string, number>;
  };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
  pids_stats?: { current?: number };
}

export interface CpuStats {
  /** Nanoseconds since the start. */
  cpu_usage?: { total_usage?: number; percpu_usage?: number[] | null };
  /** Nanoseconds of all processors since the machine's start. */
  system_cpu_usage?: number;
  online_cpus?: number;
}

export interface NetworkCreate {
  Name: string;
  Driver: string;
  CheckDuplicate?: boolean;
  /** No way out and no published ports. */
  Internal?: boolean;
  Options?: Record<string, string>;
  Labels?: Record<string, string>;
  IPAM?: { Config: { Subnet?: string; Gateway?: string }[] };
}

export interface NetworkInspect {
  Id: string;
  Name: string;
  Driver: string;
  Created?: string;
  Labels?: Record<string, string> | null;
  Options?: Record<string, string> | null;
  IPAM?: { Config?: { Subnet?: string; Gateway?: string }[] | null };
  /** Only in an inspect, not in a list. Container id → endpoint. */
  Containers?: Record<string, { Name: string; IPv4Address?: string }> | null;
}

export interface VolumeInspect {
  Name: string;
  Driver: string;
  Mountpoint?: string;
  CreatedAt?: string;
  Labels?: Record<string, string> | null;
}

export interface ImageInspect {
  Id: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Size: number;
  Created?: string;
  Architecture?: string;
  Os?: string;
  /** Digests of the layers when unpacked, lowest first. */
  RootFS?: { Type?: string; Layers?: string[] | null };
  Config?: {
    Env?: string[] | null;
    Cmd?: string[] | null;
    Entrypoint?: string[] | null;
    Labels?: Record<string, string> | null;
  };
}

export interface ImageSummary {
  Id: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Size: number;
  /** Unix time in seconds. */
  Created: number;
}

export interface EngineVersion {
  Version: string;
  ApiVersion: string;
  MinAPIVersion?: string;
  Os: string;
  Arch: string;
  KernelVersion?: string;
}

/** `GET /info`. */
export interface EngineInfo {
  ID?: string;
  Name: string;
  ServerVersion: string;
  NCPU: number;
  /** Bytes. */
  MemTotal: number;
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  KernelVersion?: string;
  Driver: string;
  DriverStatus?: [string, string][];
  DockerRootDir: string;
  CgroupDriver: string;
  CgroupVersion?: string;
  Containers?: number;
  Images?: number;
  SecurityOptions?: string[];
  /** The machine's clock, RFC 3339. */
  SystemTime?: string;
  /** What the engine itself pulls through; passwords in it are blanked out by Docker. */
  HttpProxy?: string;
  HttpsProxy?: string;
  NoProxy?: string;
}

export interface DockerEvent {
  Type: 'container' | 'network' | 'volume' | 'image' | 'daemon' | string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  /** Unix time in seconds. */
  time: number;
  timeNano?: number;
}
