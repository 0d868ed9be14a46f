import { createHash } from 'node:crypto';
import { load } from 'js-yaml';
import { fullName, type Image } from './image-store.ts';
import { isRecord } from './objects.ts';
import { readIfThere, registriesFile } from './paths.ts';

/** The addresses registries.yaml gives for a registry's host, the host itself last. */
function endpoints(host: string): string[] {
  const text = readIfThere(registriesFile);
  const config = text === undefined ? undefined : load(text);
  const mirrors = isRecord(config) && isRecord(config.mirrors) ? config.mirrors : {};
  const mirror = mirrors[host] ?? mirrors['*'];
  const listed = isRecord(mirror) && Array.isArray(mirror.endpoint) ? mirror.endpoint.map(String) : [];
  return [...listed, `http://${host}`];
}

const accepted = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';

interface Manifest {
  config: { digest: string; size: number };
  layers: { size: number }[];
}

/** Asks a registry for an image's manifest; its layers stay where they are. @throws Error in containerd's words. */
export async function pull(reference: string): Promise<Image> {
  const name = fullName(reference);
  const [host = '', ...path] = name.split('/');
  const [, repository = '', separator = ':', tag = 'latest'] = /^(.*?)([:@])([^/]+)$/.exec(path.join('/')) ?? [];
  let first: string | undefined;
  for (const endpoint of endpoints(host)) {
    try {
      const url = `${endpoint.replace(/\/$/, '')}/v2/${repository}/manifests/${tag}`;
      const answer = await fetch(url, { headers: { accept: accepted }, signal: AbortSignal.timeout(5000) });
      const text = await answer.text();
      if (!answer.ok)
        throw new Error(`${name}: ${answer.status === 404 ? 'not found' : `unexpected status ${answer.status}`}`);
      const manifest = JSON.parse(text) as Manifest;
      const target =
        answer.headers.get('docker-content-digest') ?? `sha256:${createHash('sha256').update(text).digest('hex')}`;
      const size = manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size);
      const digests = [`${host}/${repository}@${target}`];
      return {
        id: manifest.config.digest,
        repoTags: separator === ':' ? [name] : [],
        repoDigests: digests,
        size,
        target,
      };
    } catch (cause) {
      first ??= cause instanceof Error ? cause.message : String(cause);
    }
  }
  throw new Error(
    `rpc error: code = Unknown desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${first}`,
  );
}
