import { readFile } from 'node:fs/promises';
import { reachableHost } from '../src/engine/endpoint.ts';
import type { Engine } from '../src/engine/engine.ts';
import { currentContextOf, parseKubeconfig } from '../src/engine/kubeconfig/document.ts';
import { fetchKubeconfig } from '../src/engine/kubeconfig/fetch.ts';
import { defaultKubeconfigPath, mergeIntoFile, writeStandaloneFile } from '../src/engine/kubeconfig/file.ts';
import { kubeconfigPaths, standalonePath } from '../src/engine/kubeconfig/paths.ts';
import { clusterKubeconfig } from '../src/engine/kubeconfig/pure.ts';
import type { Cluster } from '../src/engine/model.ts';
import { refuseReadOnly } from '../src/engine/read-only.ts';
import { K3duiError } from '../src/errors.ts';
import type { ClusterActions } from './actions.ts';

type KubeconfigActions = Pick<ClusterActions, 'currentContext' | 'switchContext' | 'kubeconfigFiles' | 'kubeconfig'>;

/** What the app does to kubeconfig files. */
export function kubeconfigActions(engine: Engine): KubeconfigActions {
  const { env } = engine;
  return {
    async currentContext() {
      // As kubectl: the first file that names one.
      for (const path of kubeconfigPaths(env)) {
        const text = await readFile(path, 'utf8').catch(() => undefined);
        const context = text === undefined ? '' : currentContextOf(parseKubeconfig(text, path));
        if (context !== '') return context;
      }
      return undefined;
    },
    async switchContext(cluster) {
      refuseReadOnly(engine, 'switching the context');
      const text = await kubeconfigOf(engine, cluster);
      await mergeIntoFile(await defaultKubeconfigPath(env), text, { overwrite: true, switchContext: true });
    },
    async kubeconfigFiles(cluster) {
      return { merged: await defaultKubeconfigPath(env), own: standalonePath(env, cluster) };
    },
    async kubeconfig(clusters, choice) {
      refuseReadOnly(engine, 'writing the kubeconfig');
      const texts = await Promise.all(clusters.map(cluster => kubeconfigOf(engine, cluster)));
      if (choice.kind === 'copy-path') {
        const paths = await Promise.all(
          clusters.map(({ name }, index) => writeStandaloneFile(env, name, texts[index] ?? '')),
        );
        return paths.join(':');
      }
      const path = choice.kind === 'merge' ? await defaultKubeconfigPath(env) : choice.file;
      const switchContext = choice.kind === 'merge' && choice.switchContext;
      // One after the other: each merge locks the file. The context of the first is the one in use.
      for (const [index, text] of texts.entries()) {
        await mergeIntoFile(path, text, { overwrite: true, switchContext: switchContext && index === 0 });
      }
      return path;
    },
  };
}

/** The kubeconfig of a cluster with an address that this machine reaches. */
async function kubeconfigOf({ docker, env }: Engine, cluster: Cluster): Promise<string> {
  const { api } = cluster;
  if (api === undefined || api.port === 0) {
    throw new K3duiError({
      code: 'API_NOT_PUBLISHED',
      message: `the Kubernetes API of cluster '${cluster.name}' is not published on any port of this machine`,
      hint: 'a kubeconfig for it would reach nothing; create the cluster with --api-port',
    });
  }
  const raw = await fetchKubeconfig(docker, cluster);
  return clusterKubeconfig(raw, cluster.name, { host: reachableHost(api, env, docker.endpoint), port: api.port });
}
