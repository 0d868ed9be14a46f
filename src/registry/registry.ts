/** What every question takes: when `signal` aborts, it ends at once with a CANCELLED error. */
export interface Call {
  signal?: AbortSignal;
}

export interface Credentials {
  username: string;
  password: string;
}

/** One page of a registry's repositories. */
export interface RepositoryPage {
  names: string[];
  /** What the next page follows; undefined: this was the last. */
  next?: string;
}

/** A file of an image as the registry keeps it: compressed. */
export interface Blob {
  digest: string;
  mediaType: string;
  /** Bytes; undefined in manifests of the first schema. */
  size: number | undefined;
}

/** One image of a tag, for one platform. */
export interface PlatformImage {
  /** `linux/arm64/v8`; empty when its configuration does not say. */
  platform: string;
  /** Of the manifest. */
  digest: string;
  /** Bytes of its layers and configuration, compressed. */
  size: number | undefined;
  layers: Blob[];
  /** Unix time in seconds. */
  created?: number;
}

/** What a tag or digest stands for. */
export interface Manifest {
  digest: string;
  mediaType: string;
  /** `image`: for one platform; `index`: for several; `artifact`: no image, such as a Helm chart. */
  kind: 'image' | 'index' | 'artifact';
  /** Bytes that a registry keeps for it: what several platforms share counts once. undefined where it is not told. */
  size: number | undefined;
  images: PlatformImage[];
}

/**
 * A registry's HTTP API, version 2 (the OCI distribution specification). Every method may throw K3duiError with one of
 * REGISTRY_UNREACHABLE, REGISTRY_DENIED, REGISTRY_REFUSED, REGISTRY_DELETE_OFF, CANCELLED.
 */
export interface RegistryApi {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  /** Resolves when it answers as a registry does. */
  ping(call?: Call): Promise<void>;
  /** Repositories in order of names, `count` at a time. */
  repositories(page?: { after?: string; count?: number }, call?: Call): Promise<RepositoryPage>;
  /** All tags; none when the repository is unknown, as one is whose last tag was deleted. */
  tags(repository: string, call?: Call): Promise<string[]>;
  /** Digest of a tag; undefined when there is none. */
  digest(repository: string, reference: string, call?: Call): Promise<string | undefined>;
  /** What a tag or digest stands for; undefined when there is none. */
  manifest(repository: string, reference: string, call?: Call): Promise<Manifest | undefined>;
  /**
   * Deletes one tag, and with its last tag the manifest; other tags of the same image stay. Layers stay until the
   * registry's garbage is collected. Does nothing when the tag is gone already.
   */
  deleteTag(repository: string, tag: string, call?: Call): Promise<void>;
  /** Ends its connections. */
  close(): void;
}
