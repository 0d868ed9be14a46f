import { createHash } from 'node:crypto';

/** What `docker save` before version 25 writes for every layer but the last (moby image/v1/imagev1.go, CreateID). */
const NO_CONTAINER =
  '{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,' +
  '"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"",' +
  '"Entrypoint":null,"OnBuild":null,"Labels":null}';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The digest of a file that is called by it. */
export function digestInName(name: string): string | undefined {
  const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.tar)?$/.exec(name)?.[1];
  return hex && `sha256:${hex}`;
}

/** Tells which layer a file of an archive is before its content is there. */
export class LayerNames {
  /** Folder → digest of the layer. */
  readonly #folders = new Map<string, string>();
  /** Last layers, whose folders depend on things that Docker does not tell. */
  readonly #last = new Set<string>();

  /** `images`: the digests of the layers of each image asked for, lowest first. */
  constructor(images: readonly (readonly string[])[] = []) {
    for (const layers of images) {
      let chain = '';
      let parent = '';
      for (const layer of layers.slice(0, -1)) {
        chain = chain ? `sha256:${sha256(`${chain} ${layer}`)}` : layer;
        const above = parent ? `,"parent":"sha256:${parent}"` : '';
        parent = sha256(
          `{"container_config":${NO_CONTAINER},"created":"1970-01-01T00:00:00Z","layer_id":"${chain}"${above}}`,
        );
        this.#folders.set(parent, layer);
      }
      const last = layers.at(-1);
      if (last !== undefined) this.#last.add(last);
    }
  }

  /**
   * The digests of which one is this file's; none when nothing can be known. `blobs/sha256/HEX` and `HEX.tar` (podman,
   * skopeo) say it themselves; in `HEX/layer.tar` the folder does.
   */
  candidates(name: string): string[] {
    const said = digestInName(name);
    if (said !== undefined) return [said];
    const folder = /^([0-9a-f]{64})\/layer\.tar$/.exec(name)?.[1];
    if (folder === undefined) return [];
    const known = this.#folders.get(folder);
    return known === undefined ? [...this.#last] : [known];
  }
}
