import type { Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { parseRegistries } from '../registry/registries-yaml.ts';
import { fullName } from './names.ts';

/** What a node's pull failed with, as somebody can act on it. `output`: what crictl printed. */
export async function pullFailure(docker: Docker, node: string, image: string, output: string): Promise<K3duiError> {
  const said = sanitise(output.trim().split('\n').at(-1) ?? '').replaceAll('\\"', '"');
  const why = innermost(said);
  const make = (what: string, hint: string): K3duiError =>
    new K3duiError({ code: 'NODE_PULL_FAILED', message: `${node} cannot pull ${sanitise(image)}: ${what}`, hint });
  if (/\b401\b|\b403\b|unauthorized|denied|authorization failed/i.test(said)) {
    const host = fullName(image).split('/')[0]!;
    const given = await credentialsGiven(docker, node, host);
    return given
      ? make(
          `${host} does not accept the credentials that the node has for it (${why})`,
          `put them right in ${REGISTRIES_PATH}, which k3s reads when the node starts; or import the image`,
        )
      : make(
          `${host} wants credentials, and the node has none for it (${why})`,
          `give them in registries.yaml (--registry-config, under configs: "${host}": auth:), or import the image`,
        );
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

async function credentialsGiven(docker: Docker, node: string, host: string): Promise<boolean> {
  try {
    const text = await docker.readFile(node, REGISTRIES_PATH);
    if (text === undefined) return false;
    const { configs, auths } = parseRegistries(text.toString(), node);
    return Boolean(configs[host]?.auth ?? auths[host]);
  } catch {
    // What cannot be read k3s has not read either.
    return false;
  }
}
