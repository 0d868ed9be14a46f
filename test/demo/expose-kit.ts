import { clusterOf } from '../../src/demo/programs/k3s.ts';
import type { KubeCluster } from '../../src/demo/programs/kubernetes-cluster.ts';
import { type KubeObject, makeObject } from '../../src/demo/programs/kubernetes-objects.ts';
import { podIsReady } from '../../src/demo/programs/kubernetes-shapes.ts';
import { diagnose } from '../../src/engine/expose/diagnose.ts';
import type { Exposure } from '../../src/engine/expose/model.ts';
import { probeChain } from '../../src/engine/expose/probe.ts';
import { type Survey, surveyCluster } from '../../src/engine/expose/survey.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';

/** A cluster that runs in the demo engine, with its Kubernetes as the demo has it. */
export interface Exposed {
  bench: Bench;
  kube: KubeCluster;
  survey(): Promise<Survey>;
  /** The way of a Service (`shop/web`) or of an Ingress (`Ingress shop/web`). */
  find(survey: Survey, name: string): Exposure;
  /** What trying it comes to. */
  tried(exposure: Exposure): Promise<ReturnType<typeof diagnose>>;
  put(resource: string, name: string, namespace: string | undefined, rest: object): KubeObject;
}

/** `ports`: host port → port of the nodes. */
export async function openExposed(name: string, ports: readonly [number, number][], agents = 1): Promise<Exposed> {
  const bench = await openBench();
  const wanted = ports.map(([host, inner]) => ({ port: `127.0.0.1:${host}:${inner}`, nodeFilters: ['loadbalancer'] }));
  await (await create(bench.engine, spec(name, { agents, ports: wanted }))).finished;
  const kube = clusterOf(bench.demo.world.container(`k3d-${name}-server-0`))!;
  void kube.network;
  const survey = async () => surveyCluster(bench.engine, (await cluster(bench.engine, name))!, {});
  return {
    bench,
    kube,
    survey,
    find(found, what) {
      const [kind, ref] = what.startsWith('Ingress ') ? ['Ingress', what.slice(8)] : ['', what];
      const exposure = found.exposures.find(
        one =>
          `${one.namespace}/${one.name}` === ref && (kind === '' ? !one.kind.startsWith('Ingress') : one.kind === kind),
      );
      if (!exposure) throw new Error(`no ${what} among ${found.exposures.map(({ id }) => id).join(' ')}`);
      return exposure;
    },
    tried: async exposure => diagnose(exposure, await probeChain(bench.engine.docker, exposure, {})),
    put: (resource, object, namespace, rest) => kube.store.put(resource, makeObject(resource, object, namespace, rest)),
  };
}

/** Resolves once every pod of the cluster is ready. */
export async function podsReady(kube: KubeCluster): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!kube.store.list('pods').every(podIsReady)) {
    if (Date.now() > deadline) throw new Error('pods do not become ready');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
