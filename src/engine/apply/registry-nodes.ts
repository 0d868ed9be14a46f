import type { Call, ContainerFile, Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { kubectlIn } from '../node/kubectl.ts';
import type { TellRegistries } from '../plan.ts';
import { HOSTS_FOLDER } from '../registry/facts.ts';
import { HOSTING_NAME, HOSTING_NAMESPACE } from '../registry/hosting.ts';
import { REGISTRIES_MODE } from '../registry/registries-yaml.ts';
import type { StepContext, Undo } from '../step.ts';
import { stubbornly } from './stubbornly.ts';

/**
 * Writes a node's registries.yaml, for the next time k3s starts, and what its containerd reads at every pull. The undo
 * puts back what was there.
 */
export async function tellRegistries(docker: Docker, action: TellRegistries, context: StepContext): Promise<Undo> {
  const { container, registries, mirrors, gone } = action;
  const call = { signal: context.signal };
  const names = [...mirrors.map(({ name }) => name), ...gone];
  const before = await Promise.all(
    [REGISTRIES_PATH, ...names.map(hostsPath)].map(path => stubbornly(() => docker.readFile(container, path, call))),
  );
  const [oldRegistries, ...oldHosts] = before;
  const undo = async (): Promise<void> => {
    const was = names.flatMap((name, i) => (oldHosts[i] ? [file(hostsPath(name), oldHosts[i])] : []));
    await stubbornly(() => docker.writeFiles(container, [file(REGISTRIES_PATH, oldRegistries ?? ''), ...was]));
    await removeHosts(
      docker,
      container,
      names.filter((_, i) => oldHosts[i] === undefined),
      {},
    );
  };
  context.onUndo(undo);
  const hosts = mirrors.map(({ name, endpoints }) => file(hostsPath(name), hostsToml(endpoints)));
  await stubbornly(() => docker.writeFiles(container, [file(REGISTRIES_PATH, registries), ...hosts], call));
  await removeHosts(
    docker,
    container,
    gone.filter(name => oldHosts[names.indexOf(name)] !== undefined),
    call,
  );
  return undo;
}

const file = (path: string, content: string | Buffer): ContainerFile => ({ path, content, mode: REGISTRIES_MODE });

const hostsPath = (name: string): string => `${HOSTS_FOLDER}/${name}/hosts.toml`;

/** As k3s would write it from registries.yaml. */
function hostsToml(endpoints: readonly string[]): string {
  const sections = endpoints.map(endpoint => {
    const address = /^https?:\/\/[^/]+\/?$/.test(endpoint) ? `${endpoint.replace(/\/$/, '')}/v2` : endpoint;
    return `[host.${JSON.stringify(address)}]\n  capabilities = ["pull", "resolve"]\n`;
  });
  return sections.join('\n');
}

async function removeHosts(docker: Docker, container: string, names: readonly string[], call: Call): Promise<void> {
  if (names.length === 0) return;
  const command = ['rm', '-rf', ...names.map(name => `${HOSTS_FOLDER}/${name}`)];
  await stubbornly(() => docker.exec(container, command, {}, call));
}

/** Has Kubernetes know which registry the cluster has, or has none any more. Throws REGISTRY_NOT_ADVERTISED. */
export async function advertiseRegistry(
  docker: Docker,
  { servers, path }: { servers: string[]; path: string | undefined },
  call: Call,
): Promise<void> {
  const args = path
    ? ['apply', '-f', path]
    : ['delete', 'configmap', HOSTING_NAME, '-n', HOSTING_NAMESPACE, '--ignore-not-found'];
  const { exitCode, stdout, stderr } = await kubectlIn(docker, servers, args, call);
  if (exitCode === 0) return;
  const why = sanitise((stderr || stdout).trim().split('\n').at(-1) ?? '');
  throw new K3duiError({
    code: 'REGISTRY_NOT_ADVERTISED',
    message: `Kubernetes does not take the ConfigMap ${HOSTING_NAME}: ${why}`,
    hint: 'the registry can be used all the same; only tools that look for this ConfigMap do not find it',
  });
}
