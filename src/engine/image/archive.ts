import { createHash } from 'node:crypto';
import { K3duiError } from '../../errors.ts';
import { type Fields, fields } from '../../record.ts';
import { list } from './json.ts';
import { fullName } from './names.ts';

/** A layer as it came out of an archive. */
export interface ArchivedLayer {
  /** What its file is called where it was sent to. */
  as: string;
  size: number;
  /** Of its bytes. */
  digest: string;
  compression: 'none' | 'gzip' | 'zstd';
}

/** One image of an archive. */
export interface ArchivedImage {
  /** In full; none when the archive gives it no name. */
  names: string[];
  /** Its configuration as it is in the archive; its digest is the image's id. */
  config: Buffer;
  /** Lowest first: the file it is in, and its digest when unpacked. */
  layers: { file: string; diffId: string }[];
}

export const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What an archive holds besides its layers, gathered while it streams by: small files whole, of layers what they are. */
export class ArchiveContents {
  readonly files = new Map<string, Buffer>();
  readonly layers = new Map<string, ArchivedLayer>();
  readonly #links = new Map<string, string>();
  readonly #what: string;

  /** `what`: how errors call it. */
  constructor(what: string) {
    this.#what = what;
  }

  link(name: string, target: string): void {
    this.#links.set(name, target);
  }

  /** Where a file really is: `docker save` links equal layers. */
  resolve(name: string): string {
    let at = name.replace(/^\.\//, '');
    for (let i = 0; i < 10; i++) {
      const target = this.#links.get(at);
      if (target === undefined) return at;
      const parts = target.startsWith('/') ? [] : at.split('/').slice(0, -1);
      for (const part of target.split('/')) {
        if (part === '..') parts.pop();
        else if (part !== '.' && part !== '') parts.push(part);
      }
      at = parts.join('/');
    }
    return at;
  }

  /**
   * The images, by `manifest.json` (docker save of any version, podman, skopeo) or else by `index.json` (OCI). Throws
   * ARCHIVE_NO_IMAGE, ARCHIVE_BROKEN.
   */
  images(): ArchivedImage[] {
    const manifest = this.#json('manifest.json');
    const images = Array.isArray(manifest) ? this.#byManifest(manifest) : this.#byIndex();
    if (images.length > 0) return images;
    throw new K3duiError({
      code: 'ARCHIVE_NO_IMAGE',
      message: `${this.#what} holds no image: it has neither manifest.json nor index.json`,
      hint: 'docker save NAME:TAG -o FILE writes such an archive (docker export does not); if it did, the file is cut short',
    });
  }

  #byManifest(manifest: unknown[]): ArchivedImage[] {
    return manifest.map(entry => {
      const { Config, RepoTags, Layers } = fields(entry);
      const config = this.#kept(String(Config));
      const diffIds = diffIdsOf(config);
      return {
        names: list(RepoTags).map(name => fullName(String(name))),
        config,
        layers: list(Layers).map((file, i) => ({ file: this.resolve(String(file)), diffId: String(diffIds[i]) })),
      };
    });
  }

  #byIndex(): ArchivedImage[] {
    const images: ArchivedImage[] = [];
    const visit = (descriptors: unknown[], inherited: string[]): void => {
      for (const descriptor of descriptors) {
        const { digest, annotations } = fields(descriptor);
        const file = this.resolve(blobOf(String(digest)));
        const document = fields(this.#json(file));
        const given = nameOf(fields(annotations));
        const names = given === undefined ? inherited : [given];
        // Indexes list what other platforms need too; what the archive does not hold is left out.
        if (Array.isArray(document.manifests)) visit(document.manifests, names);
        else if (document.config !== undefined) images.push(...this.#byOciManifest(document, names));
      }
    };
    visit(list(fields(this.#json('index.json')).manifests), []);
    return onePlatformEach(images);
  }

  #byOciManifest(document: Fields, names: string[]): ArchivedImage[] {
    const config = this.files.get(this.resolve(blobOf(String(fields(document.config).digest))));
    const files = list(document.layers).map(layer => this.resolve(blobOf(String(fields(layer).digest))));
    const whole = config !== undefined && files.every(file => this.layers.has(file) || this.files.has(file));
    if (!whole) return [];
    const diffIds = diffIdsOf(config);
    // Attestations are manifests whose layers are no file systems.
    if (diffIds.length !== files.length) return [];
    return [{ names, config, layers: files.map((file, i) => ({ file, diffId: String(diffIds[i]) })) }];
  }

  #json(name: string): unknown {
    const file = this.files.get(this.resolve(name));
    if (file === undefined) return undefined;
    try {
      return JSON.parse(file.toString());
    } catch (cause) {
      throw new K3duiError({ code: 'ARCHIVE_BROKEN', message: `${name} in ${this.#what} is no JSON`, cause });
    }
  }

  #kept(name: string): Buffer {
    const file = this.files.get(this.resolve(name));
    if (file !== undefined) return file;
    throw new K3duiError({
      code: 'ARCHIVE_BROKEN',
      message: `${this.#what} lacks the file ${name} that its manifest names`,
      hint: 'write it again with docker save NAME:TAG',
    });
  }
}

/** Of one name only one image can be kept: the one for linux on this kind of machine, else the first. */
function onePlatformEach(images: ArchivedImage[]): ArchivedImage[] {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const fits = ({ config }: ArchivedImage): boolean => {
    const said = fields(JSON.parse(config.toString()));
    return said.os === 'linux' && said.architecture === architecture;
  };
  const chosen = new Map<string, ArchivedImage>();
  for (const image of images) {
    const key = image.names.join(' ') || digestOf(image.config);
    const before = chosen.get(key);
    if (before === undefined || (!fits(before) && fits(image))) chosen.set(key, image);
  }
  return [...chosen.values()];
}

const blobOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** `ref.name` may be a whole name (podman) or only a tag, which names nothing by itself. */
function nameOf(annotations: Fields): string | undefined {
  const whole = annotations['io.containerd.image.name'];
  const ref = annotations['org.opencontainers.image.ref.name'];
  if (typeof whole === 'string') return fullName(whole);
  return typeof ref === 'string' && /[/:]/.test(ref) ? fullName(ref) : undefined;
}

function diffIdsOf(config: Buffer): unknown[] {
  try {
    return list(fields(fields(JSON.parse(config.toString())).rootfs).diff_ids);
  } catch {
    return [];
  }
}
