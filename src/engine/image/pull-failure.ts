import type { Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { parseRegistries, type RegistriesFile } from '../registry/registries-yaml.ts';
import { fullName } from './names.ts';

/** What a node's pull failed with, as somebody can act on it. `output`: what crictl printed. */
export async function pullFailure(docker: Docker, node: string, image: string, output: string): Promise<K3duiError> {
  const said = sanitise(output.trim().split('\n').at(-1) ?? '').replaceAll('\\"', '"');
  const why = innermost(said);
  const make = (what: string, hint: string): K3duiError =>
    new K3duiError({ code: 'NODE_PULL_FAILED', message: `${node} cannot pull ${sanitise(image)}: ${what}`, hint });
  const host = fullName(image).split('/')[0]!;
  if (/\b401\b|\b403\b|unauthorized|denied|authorization failed/i.test(said)) {
    const known = await registriesOf(docker, node);
    return (known?.configs[host]?.auth ?? known?.auths[host])
      ? make(
          `${host} does not accept the credentials that the node has for it (${why})`,
          `put them right in ${REGISTRIES_PATH}, which k3s reads when the node starts; or import the image`,
        )
      : make(
          `${host} wants credentials, and the node has none for it (${why})`,
          `give them in registries.yaml (--registry-config, under configs: "${host}": auth:), or import the image`,
        );
  }
  // Asked by HTTP it did not have it; then containerd asks by HTTPS and tells only how that ended.
  if (/server gave HTTP response to HTTPS client/.test(said)) {
    const endpoints = (await registriesOf(docker, node))?.mirrors[host]?.endpoint ?? [];
    if (endpoints.some(endpoint => endpoint.startsWith('http://')))
      return make(`${host} answers, but does not have it`, 'see what it has: k3dui registry browse');
  }
  if (/connection refused|no such host|name resolution|i\/o timeout|no route|server gave HTTP/i.test(said)) {
    return make(
      why,
      'the node does not reach that registry: is it running, and in the cluster (k3dui registry list)? Or import the image',
    );
  }
  return make(why, 'check the name and the tag');
}

/** containerd's chain of wrapped errors, cut down to its end. */
const innermost = (said: string): string =>
  /(?:.*(?:failed to resolve reference|failed to pull and unpack image) "[^"]*": |.*desc = )(.*?)"?$/.exec(said)?.[1] ??
  said;

/** The node's registries.yaml; undefined for what cannot be read, for k3s has not read it either. */
async function registriesOf(docker: Docker, node: string): Promise<RegistriesFile | undefined> {
  try {
    const text = await docker.readFile(node, REGISTRIES_PATH);
    return text && parseRegistries(text.toString(), node);
  } catch {
    return undefined;
  }
}
