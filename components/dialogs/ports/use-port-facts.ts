import { useEffect, useState } from 'react';
import type { Cluster, NodePort } from '../../../src/engine/model.ts';
import { isApi } from '../../../src/engine/ports/table.ts';
import { isAbort, toK3duiError } from '../../../src/errors.ts';
import type { PortActions } from '../../port-actions.ts';
import { type Conflicts, findConflicts } from './conflicts.ts';
import { readDraft, specOf } from './draft.ts';
import type { TargetsAnswer } from './target-choices.ts';
import { publishedBesides, type WizardState } from './wizard-state.ts';

/** Pause in typing after which the engine is asked, in milliseconds. */
const PAUSE = 120;

export interface PortFacts {
  answer: TargetsAnswer;
  /** What the load balancer publishes today, of a stopped one too. */
  published: readonly NodePort[];
  /** Of these, what may go: not the API. */
  removable: readonly NodePort[];
  /** Of the draft as it is; undefined while they are looked for. */
  conflicts: Conflicts | undefined;
}

/** What the world says to the wizard: what the cluster offers, what is published, who has the host port. */
export function usePortFacts(actions: PortActions, cluster: Cluster | undefined, state: WizardState): PortFacts {
  const [answer, setAnswer] = useState<TargetsAnswer>({ state: 'asking' });
  const [read, setRead] = useState<readonly NodePort[]>();
  const [checked, setChecked] = useState<{ spec: string; conflicts: Conflicts }>();
  const known = cluster?.loadBalancer?.id;
  const asks = state.what.kind === 'add' || state.step === 'target';

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new picture of the same load balancer changes nothing
  useEffect(() => {
    setRead(undefined);
    if (!cluster?.loadBalancer) return;
    const abort = new AbortController();
    actions.read(cluster, abort.signal).then(
      ({ ports }) => !abort.signal.aborted && setRead(ports),
      // Then the picture has to do; the plan says what is wrong.
      () => {},
    );
    return () => abort.abort();
  }, [actions, known]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once for a cluster
  useEffect(() => {
    if (!cluster || !asks) return;
    setAnswer({ state: 'asking' });
    if (cluster.serversRunning === 0) return setAnswer({ state: 'failed', why: 'the cluster is stopped' });
    const abort = new AbortController();
    actions.targets(cluster, abort.signal).then(
      found => !abort.signal.aborted && setAnswer({ state: 'known', found }),
      error => {
        if (!abort.signal.aborted && !isAbort(error)) setAnswer({ state: 'failed', why: toK3duiError(error).message });
      },
    );
    return () => abort.abort();
  }, [actions, cluster?.name, asks]);

  const published = read ?? cluster?.loadBalancer?.ports ?? [];
  const spec = specOf(state.draft);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the spec stands for the draft
  useEffect(() => {
    if (!cluster || state.step !== 'host') return;
    const reading = readDraft(state.draft);
    if (reading.error !== undefined) return;
    const abort = new AbortController();
    const ports = reading.mappings.flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]));
    const timer = setTimeout(() => {
      actions.portOwners(cluster, ports, abort.signal).then(
        owners => {
          if (abort.signal.aborted) return;
          setChecked({ spec, conflicts: findConflicts(reading, publishedBesides(state, published), owners) });
        },
        error => {
          if (abort.signal.aborted || isAbort(error)) return;
          const warnings = [`nobody can tell whether it is free: ${toK3duiError(error).message}`];
          setChecked({ spec, conflicts: { errors: [], warnings } });
        },
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [actions, cluster?.name, state.step, spec, published]);

  return {
    answer,
    published,
    removable: cluster
      ? published.filter(port => !isApi(port, cluster) && port.hostPort > 0 && !isMeant(state, port))
      : [],
    conflicts: checked?.spec === spec ? checked.conflicts : undefined,
  };
}

/** Whether the dialog is about this mapping anyway. */
function isMeant({ what }: WizardState, port: NodePort): boolean {
  const rows = what.kind === 'change' ? [what.row] : what.kind === 'remove' ? what.rows : [];
  return rows.some(
    row =>
      row.hostIP === port.hostIP &&
      row.hostPort === port.hostPort &&
      row.listenerPort === port.containerPort &&
      row.protocol === port.protocol,
  );
}
