import { commandLine } from '../../config/command-line.ts';
import { parseImage } from '../../config/image.ts';
import type { Endpoint } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import type { Cluster } from '../model.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { hostAddress, type Registry, type RegistrySettings } from './model.ts';
import { start, stop } from './power.ts';
import type { ImageName } from './references.ts';
import { nearbyUrl, registryUrl } from './steps.ts';

/** Seconds; images may be large and disks slow. */
const TIMEOUT = 1800;

interface Where {
  endpoint: Endpoint;
  env: NodeJS.ProcessEnv;
}

/** Deletes tags; with `collect` the registry's disk is freed of what no tag leads to any more. */
export function planTagDelete(
  registry: Registry,
  images: readonly ImageName[],
  settings: RegistrySettings,
  where: Where,
  options: { collect?: boolean } = {},
): Plan {
  const { name } = registry.node;
  const url = requireUrl(registry, where);
  if (!settings.deleteEnabled) throw deleteOff(name);
  const texts = images.map(({ repository, tag }) => `${repository}:${tag}`);
  // One after another: two tags of the same image must not be looked at at the same moment.
  const steps = images.map(
    ({ repository, tag }, i): PlannedStep => ({
      id: `delete ${texts[i]}`,
      title: `delete ${texts[i]}`,
      subject: name,
      after: i === 0 ? [] : [`delete ${texts[i - 1]}`],
      action: { kind: 'registry.delete-tag', url, repository, tag },
    }),
  );
  const last = steps.slice(-1).map(step => step.id);
  return {
    title: `delete ${texts.join(', ')} from ${name}`,
    command: commandLine`k3dui registry delete-tag ${name} ${texts} ${options.collect ? ['--collect'] : []}`,
    steps: [...steps, ...(options.collect ? collectSteps(registry, settings, where, last, true) : [])],
    warnings: options.collect ? collectWarnings(registry) : [],
    onFailure: 'undo',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

function deleteOff(name: string): K3duiError {
  return new K3duiError({
    code: 'REGISTRY_DELETE_OFF',
    message: `registry ${name} was made without leave to delete`,
    hint: 'make it with --delete-enabled; its images stay if they lie in a volume',
  });
}

/** Frees the registry's disk of what no tag leads to. @param untagged manifests without a tag go too */
export function planCollect(registry: Registry, settings: RegistrySettings, where: Where, untagged: boolean): Plan {
  const { name, running } = registry.node;
  if (!running) throw notRunning(name);
  return {
    title: `collect the garbage of ${name}`,
    command: commandLine`k3dui registry collect ${name} ${untagged ? [] : ['--untagged=false']}`,
    steps: collectSteps(registry, settings, where, [], untagged),
    warnings: collectWarnings(registry),
    onFailure: 'undo',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

const collectWarnings = ({ node }: Registry): string[] => [
  `nothing may be pushed to ${node.name} meanwhile: a layer that arrives now could be taken for garbage`,
];

/** The registry is started anew afterwards: it remembers layers that are gone. */
function collectSteps(
  registry: Registry,
  { configFile }: RegistrySettings,
  where: Where,
  after: string[],
  untagged: boolean,
): PlannedStep[] {
  const { name } = registry.node;
  const collect: PlannedStep = {
    id: `collect ${name}`,
    title: 'collect garbage',
    subject: name,
    after,
    action: { kind: 'registry.collect', container: name, configFile, untagged },
  };
  const stopped = { ...stop(registry, { restarts: true }), after: [collect.id] };
  return [collect, stopped, ...start(registry, nearbyUrl(registry, where), [stopped.id])];
}

/** Has Docker push images; each under its own name, or the one of them as something else. */
export function planPush(registry: Registry, images: readonly { image: string; as?: string }[]): Plan {
  const { name, running } = registry.node;
  if (!running) throw notRunning(name);
  const address = hostAddress(registry);
  if (!address) throw notPublished(name);
  const pushes = images.map(({ image, as }) => ({ image, reference: `${address}/${as ?? nameInRegistry(image)}` }));
  const only = images.length === 1 ? images[0] : undefined;
  return {
    title: `push ${images.map(({ image }) => image).join(', ')} to ${name}`,
    command: commandLine`k3dui registry push ${name} ${images.map(({ image }) => image)} ${only?.as ? ['--as', only.as] : []}`,
    steps: pushes.map(
      ({ image, reference }): PlannedStep => ({
        id: `push ${reference}`,
        title: `push ${reference}`,
        subject: name,
        after: [],
        action: { kind: 'registry.push', image, reference },
      }),
    ),
    warnings: [],
    onFailure: 'keep',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

/** `ghcr.io/team/app:v1` → `team/app:v1`. Throws IMAGE_INVALID. */
function nameInRegistry(image: string): string {
  const { registry, repository, tag = 'latest' } = parseImage(image);
  return `${registry === 'docker.io' ? repository.replace(/^library\//, '') : repository}:${tag}`;
}

/** Has the nodes of a cluster pull images, so that pods start at once; it also proves that they can. */
export function planCopy(registry: Registry, images: readonly ImageName[], cluster: Cluster): Plan {
  const { name, running } = registry.node;
  if (!running) throw notRunning(name);
  if (!registry.clusters.includes(cluster.name)) {
    throw new K3duiError({
      code: 'REGISTRY_NOT_CONNECTED',
      message: `cluster '${cluster.name}' is not connected to registry ${name}`,
      hint: commandLine`k3dui registry connect ${name} --cluster ${cluster.name}`,
    });
  }
  const nodes = [...cluster.servers, ...cluster.agents].filter(node => node.running);
  if (nodes.length === 0) {
    throw new K3duiError({
      code: 'CLUSTER_STOPPED',
      message: `no node of cluster '${cluster.name}' runs`,
      hint: `start it first: k3dui cluster start ${cluster.name}`,
    });
  }
  const texts = images.map(({ repository, tag }) => `${repository}:${tag}`);
  return {
    title: `copy ${texts.join(', ')} into ${cluster.name}`,
    command: commandLine`k3dui registry copy ${name} ${texts} --cluster ${cluster.name}`,
    cluster: cluster.name,
    steps: nodes.flatMap(node =>
      texts.map((text, i): PlannedStep => {
        const reference = `${name}:${registry.port}/${text}`;
        return {
          id: `pull ${reference} in ${node.name}`,
          title: `pull ${reference}`,
          subject: node.name,
          after: i === 0 ? [] : [`pull ${name}:${registry.port}/${texts[i - 1]} in ${node.name}`],
          action: { kind: 'registry.pull', container: node.name, reference },
        };
      }),
    ),
    warnings: [],
    onFailure: 'keep',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

/** Where this machine asks the registry. Throws REGISTRY_STOPPED, REGISTRY_NOT_PUBLISHED. */
export function requireUrl(registry: Registry, where: Where): string {
  if (!registry.node.running) throw notRunning(registry.node.name);
  const url = registryUrl(registry, where);
  if (!url) throw notPublished(registry.node.name);
  return url;
}

function notRunning(name: string): K3duiError {
  return new K3duiError({
    code: 'REGISTRY_STOPPED',
    message: `registry ${name} does not run`,
    hint: `start it: k3dui registry start ${name}`,
  });
}

function notPublished(name: string): K3duiError {
  return new K3duiError({
    code: 'REGISTRY_NOT_PUBLISHED',
    message: `registry ${name} is published on no port, so nothing on this machine reaches it`,
    hint: 'make it anew with --port',
  });
}
