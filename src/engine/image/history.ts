import type { Call, Docker } from '../../docker/docker.ts';
import { fields } from '../../record.ts';
import { readStoredLayers } from './content.ts';
import { list, parseJson } from './json.ts';
import { askNode } from './node-images.ts';

/** A step by which an image was built. */
export interface BuildStep {
  /** As a Dockerfile says it: `COPY . /app`, `CMD ["node"]`. */
  by: string;
  /** Unix seconds; undefined where nobody told. */
  created: number | undefined;
  /** Digest of the layer that it made; undefined when it only changed settings. */
  layer: string | undefined;
  /** Bytes of the layer as the node keeps it; undefined where there is none, or where that is not known. */
  size: number | undefined;
}

/** How an image in a node was built, the latest step first. `id`: of the image. Throws NODE_SILENT, RUNTIME_FAILED. */
export async function readHistory(docker: Docker, node: string, id: string, call: Call = {}): Promise<BuildStep[]> {
  const [text, stored] = await Promise.all([
    askNode(docker, node, ['crictl', 'inspecti', '-o', 'json', id], call),
    readStoredLayers(docker, node, call),
  ]);
  return parseHistory(text).map(step => ({ ...step, size: stored.get(step.layer ?? '')?.size }));
}

/**
 * Reads the history in `crictl inspecti -o json ID`, the latest step first. Layers that no step tells of (some builders keep
 * no history) follow by themselves.
 */
export function parseHistory(json: string): BuildStep[] {
  const spec = fields(fields(parseJson(json).info).imageSpec);
  const layers = list(fields(spec.rootfs).diff_ids).map(String);
  const steps = list(spec.history).map((entry): BuildStep => {
    const { created, created_by: by, comment, empty_layer: empty } = fields(entry);
    const when = Date.parse(String(created));
    return {
      by: inDockerfile(String(by ?? comment ?? '')),
      created: Number.isFinite(when) ? when / 1000 : undefined,
      layer: empty === true ? undefined : layers.shift(),
      size: undefined,
    };
  });
  const untold = layers.map((layer): BuildStep => ({ by: '', created: undefined, layer, size: undefined }));
  return [...steps, ...untold].reverse();
}

/** `/bin/sh -c #(nop)  CMD ["x"]` and `RUN /bin/sh -c make # buildkit` as they were written. */
function inDockerfile(by: string): string {
  const plain = by
    .replace(/\s+# buildkit$/, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^(RUN )?\/bin\/sh -c /, 'RUN ')
    .replace(/\b((?:dir|file|multi):[0-9a-f]{8})[0-9a-f]{56}\b/g, '$1');
  return plain.replace(/\s+/g, ' ').trim();
}
