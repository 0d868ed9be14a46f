import { basename } from 'node:path';
import type { Docker } from '../../docker/docker.ts';
import type { ContainerCreate } from '../../docker/types.ts';
import { isK3duiError, K3duiError } from '../../errors.ts';
import { debugVariables } from '../debug-variables.ts';
import { type ImageRun, performOnImages } from '../image/perform.ts';
import { fetchKubeconfigFrom } from '../kubeconfig/fetch.ts';
import {
  defaultKubeconfigPath,
  mergeIntoFile,
  removeFromFile,
  removeFromFiles,
  removeStandaloneFile,
} from '../kubeconfig/file.ts';
import { clusterKubeconfig } from '../kubeconfig/pure.ts';
import { removeOwnPath } from '../leftovers/files.ts';
import { reloadLoadBalancer } from '../loadbalancer/reload.ts';
import { drainNode, forgetNode } from '../node/kubectl.ts';
import { applyMembers } from '../node/members.ts';
import { removeMemory, writeMemory } from '../node/meminfo.ts';
import { type Action, NETWORK_ID, NETWORK_RANGE } from '../plan.ts';
import { type KnownKubeconfigs, waitUntilReady } from '../ready/ready.ts';
import type { StepContext, Undo } from '../step.ts';
import { checkNginxConf, configureLoadBalancer } from './configure.ts';
import { addHosts, clusterDnsEntries, injectDns } from './dns.ts';
import { handOver, tidyAfterHandOver } from './handover.ts';
import { createInCluster, deleteInCluster, proveUrl } from './kubernetes-objects.ts';
import { carries, made } from './made.ts';
import { createNetwork, joinNetwork, leaveNetwork, startContainer } from './network.ts';
import { changePullPolicy } from './pull-policy.ts';
import { collectGarbage, deleteTag, pullInNode, pushImage } from './registry-content.ts';
import { advertiseRegistry, tellRegistries } from './registry-nodes.ts';
import { stubbornly } from './stubbornly.ts';

/** What one run learns while it goes: what later steps need and undo must know. */
export interface Run {
  docker: Docker;
  env: NodeJS.ProcessEnv;
  network: { id: string; range: string };
  /** Containers this run made: name → id. */
  made: Map<string, string>;
  /** Ids of containers that stay whatever comes: they serve in place of others that are gone. */
  kept: Set<string>;
  kubeconfigs: KnownKubeconfigs;
  images: ImageRun;
}

/**
 * Carries out one action. Calls that make something are not cut off by a cancel: they are short, and one whose answer
 * was not awaited could leave something behind that nobody knows of.
 */
export async function perform(action: Action, run: Run, context: StepContext): Promise<Undo | undefined> {
  const { docker } = run;
  const { signal } = context;
  switch (action.kind) {
    case 'image.pull':
      if (await docker.inspectImage(action.image, { signal })) return undefined;
      await docker.pullImage(
        action.image,
        ({ current, total, status }) => context.report({ text: status, bytes: current, totalBytes: total }),
        { signal },
      );
      return undefined;

    case 'node-image.send':
    case 'node-image.receive':
    case 'node-image.tag':
    case 'node-image.remove':
    case 'node-image.pull':
    case 'node-image.verify':
    case 'node-image.settle':
      return performOnImages(action, docker, run.images, context);

    case 'network.create': {
      const network = await createNetwork(docker, action.body, context);
      run.network = { id: network.Id, range: network.IPAM?.Config?.[0]?.Subnet ?? '' };
      return undefined;
    }
    case 'network.remove':
      return removeNetwork(docker, action.network);
    case 'network.connect':
      await joinNetwork(docker, action, signal);
      return () => leaveNetwork(docker, action);
    case 'network.disconnect':
      await leaveNetwork(docker, action);
      return undefined;

    case 'volume.create': {
      const existing = await docker.listVolumes({}, { signal });
      if (existing.some(volume => volume.Name === action.name)) return undefined;
      await made(
        async making => {
          await docker.createVolume(action.name, action.labels, { signal: making });
          return action.name;
        },
        async () => {
          const found = (await docker.listVolumes()).find(volume => volume.Name === action.name);
          return found && carries(found.Labels, action.labels) ? action.name : undefined;
        },
        signal,
      );
      return () => removeUnusedVolume(docker, action.name);
    }
    case 'volume.remove':
      await stubbornly(() => docker.removeVolume(action.name));
      return undefined;

    case 'container.create': {
      const body = asDebugged(withNetwork(action.body, run.network), run.env);
      const id = await made(
        making => docker.createContainer(action.name, body, { signal: making }),
        async () => {
          const found = await docker.inspectContainer(action.name);
          return carries(found.Config.Labels, body.Labels) && found.State.Status === 'created' ? found.Id : undefined;
        },
        signal,
      );
      run.made.set(action.name, id);
      return async undoSignal => {
        if (run.kept.has(id)) return;
        const { forget } = action;
        const ran = forget !== undefined && (await hasRun(docker, id));
        await stubbornly(() => docker.removeContainer(id, { force: true }));
        run.made.delete(action.name);
        if (ran) await forgetNode(docker, { node: action.name, ...forget }, { signal: undoSignal });
      };
    }
    case 'container.start':
      await startContainer(docker, action.container, signal);
      return undefined;
    case 'container.stop':
      if (action.restarts) context.onUndo(() => stubbornly(() => docker.startContainer(action.container)));
      context.report({ text: `up to ${action.graceSeconds} s` });
      await docker.stopContainer(
        action.container,
        { timeoutSeconds: action.graceSeconds, stopSignal: action.stopSignal },
        // The engine goes on with a stop that is cut off: the start that takes it back would come before its end.
        action.restarts ? {} : { signal },
      );
      return undefined;
    case 'container.remove':
      await stubbornly(() => docker.removeContainer(action.container, { force: true }));
      return undefined;

    case 'files.write':
      await docker.writeFiles(action.container, action.files, { signal });
      return undefined;

    case 'meminfo.write':
      // A container of the node's name that is still there now is somebody else's, who makes the same node.
      context.onUndo(async () => {
        if (!(await exists(docker, basename(action.folder).slice(1)))) await removeMemory(action.folder);
      });
      await writeMemory(action);
      return undefined;
    case 'meminfo.remove':
      await removeMemory(action.folder);
      return undefined;

    case 'ready':
      await waitUntilReady(docker, action.what, signal, text => context.report({ text }), {
        known: run.kubeconfigs,
        debug: debugVariables(run.env),
      });
      return undefined;

    case 'dns.inject': {
      const askIn = action.nodes?.[0] ?? action.servers[0];
      const { forNodes, members } = await clusterDnsEntries(docker, { ...action, askIn }, { signal });
      await Promise.all([
        ...(action.nodes ?? []).map(node => addHosts(docker, node, forNodes, { signal })),
        ...(action.servers.length > 0 ? [injectDns(docker, action.servers, [...forNodes, ...members], signal)] : []),
      ]);
      return undefined;
    }
    case 'loadbalancer.reload':
      await reloadLoadBalancer(docker, action.container, { signal });
      return undefined;

    case 'loadbalancer.check':
      await checkNginxConf(docker, action.container, action.nginx, { signal });
      return undefined;
    case 'loadbalancer.configure':
      return configureLoadBalancer(docker, action, context);
    case 'loadbalancer.members':
      return applyMembers(docker, action, context);
    case 'loadbalancer.handover':
      await handOver(docker, action, run, context);
      return undefined;
    case 'loadbalancer.tidy':
      await tidyAfterHandOver(docker, action);
      return undefined;

    case 'kubernetes.drain':
      return drainNode(docker, action, context);
    case 'kubernetes.forget':
      await forgetNode(docker, action, { signal });
      return undefined;

    case 'kubernetes.create':
      return createInCluster(docker, action, context);
    case 'kubernetes.delete':
      return deleteInCluster(docker, action, context);
    case 'expose.prove':
      await proveUrl(action.request, context);
      return undefined;

    case 'kubeconfig.merge': {
      const known = run.kubeconfigs.get(action.server);
      const text = known
        ? clusterKubeconfig(known, action.cluster, action.api)
        : await fetchKubeconfigFrom(docker, action.server, action.cluster, action.api, { signal });
      const path = action.file ?? (await defaultKubeconfigPath(run.env));
      const undo = await mergeIntoFile(path, text, { overwrite: true, switchContext: action.switchContext });
      context.report({ text: path });
      return () => undo();
    }
    case 'registry.tell':
      return tellRegistries(docker, action, context);
    case 'registry.advertise':
      await advertiseRegistry(docker, action, { signal });
      return undefined;
    case 'registry.collect':
      await collectGarbage(docker, action, context);
      return undefined;
    case 'registry.delete-tag':
      await deleteTag(action, { signal });
      return undefined;
    case 'registry.push':
      await pushImage(docker, action, context);
      return undefined;
    case 'registry.pull':
      await pullInNode(docker, action, { signal });
      return undefined;

    case 'kubernetes.pull-policy':
      return changePullPolicy(docker, action, { signal });

    case 'host.remove':
      await removeOwnPath(run.env, action.path);
      return undefined;
    case 'kubeconfig.remove':
      if (action.file !== undefined) return removeFromFile(action.file, action.cluster);
      await removeFromFiles(run.env, action.cluster);
      await removeStandaloneFile(run.env, action.cluster);
      return undefined;
  }
}

/** A network that containers of others use stays: they are not ours to cut off. */
async function removeNetwork(docker: Docker, name: string): Promise<undefined> {
  try {
    await stubbornly(() => docker.removeNetwork(name));
  } catch (error) {
    if (isK3duiError(error, 'CANCELLED') || isK3duiError(error, 'DOCKER_UNREACHABLE')) throw error;
    const network = await docker.inspectNetwork(name);
    const users = Object.values(network?.Containers ?? {}).map(container => container.Name);
    if (users.length === 0) throw error;
    throw new K3duiError({
      code: 'NETWORK_IN_USE',
      message: `network ${name} stays: ${users.join(', ')} use${users.length === 1 ? 's' : ''} it`,
      hint: `take them off first: docker network disconnect ${name} ${users[0]}; then docker network rm ${name}`,
      cause: error,
    });
  }
  return undefined;
}

/** Takes a volume back, unless somebody else's container uses it by now: Docker refuses then. */
async function removeUnusedVolume(docker: Docker, name: string): Promise<void> {
  await stubbornly(async () => {
    await docker.removeVolume(name).catch(error => {
      if (!isK3duiError(error, 'CONFLICT')) throw error;
    });
  });
}

async function exists(docker: Docker, container: string): Promise<boolean> {
  return docker.inspectContainer(container).then(
    () => true,
    error => {
      if (isK3duiError(error, 'NOT_FOUND')) return false;
      throw error;
    },
  );
}

/** Whether the container was ever started, so that Kubernetes may know it. */
async function hasRun(docker: Docker, id: string): Promise<boolean> {
  return docker.inspectContainer(id).then(
    ({ State }) => !State.StartedAt.startsWith('0001-'),
    () => true,
  );
}

/** Puts in the values that only Docker knew. */
function withNetwork(body: ContainerCreate, network: Run['network']): ContainerCreate {
  const known: Record<string, string> = { [NETWORK_ID]: network.id, [NETWORK_RANGE]: network.range };
  const labels = Object.entries(body.Labels ?? {}).map(([key, value]) => [key, known[value] ?? value]);
  return { ...body, Labels: Object.fromEntries(labels) };
}

/** A plan is the same whatever a developer of k3d has set; what they try out changes only the container itself. */
function asDebugged(body: ContainerCreate, env: NodeJS.ProcessEnv): ContainerCreate {
  const { init } = debugVariables(env);
  return init ? body : { ...body, HostConfig: { ...body.HostConfig, Init: false } };
}
