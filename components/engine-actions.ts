import { apply } from '../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../src/engine/cluster/create.ts';
import { planClusterDelete } from '../src/engine/cluster/delete.ts';
import { gatherFacts } from '../src/engine/cluster/facts.ts';
import { rememberRequest } from '../src/engine/cluster/last-request.ts';
import { planClusterRecreate } from '../src/engine/cluster/recreate.ts';
import { planClusterRestart } from '../src/engine/cluster/restart.ts';
import { planClusterStart } from '../src/engine/cluster/start.ts';
import { planClusterStop } from '../src/engine/cluster/stop.ts';
import type { Engine } from '../src/engine/engine.ts';
import type { ClusterActions } from './actions.ts';
import { kubeconfigActions } from './kubeconfig-actions.ts';

/** The app's actions, carried out by the engine. */
export function engineActions(engine: Engine): ClusterActions {
  const { env } = engine;
  return {
    ...kubeconfigActions(engine),
    async planCreate(spec, signal) {
      return planClusterCreate(spec, await gatherFacts(engine, factsForCreate(spec, env), { signal }));
    },
    async planRecreate(spec, cluster) {
      return planClusterRecreate(spec, cluster, await gatherFacts(engine, factsForCreate(spec, env)));
    },
    remember: spec => rememberRequest(env, spec),
    planStart: async cluster => planClusterStart(cluster, await gatherFacts(engine)),
    planStop: async cluster => planClusterStop(cluster),
    planRestart: async cluster => planClusterRestart(cluster, await gatherFacts(engine)),
    planDelete: async cluster => planClusterDelete(cluster, await gatherFacts(engine)),
    apply: plan => apply(plan, engine),
  };
}
