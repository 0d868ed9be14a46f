import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { type ClusterSpec, DEFAULT_CLUSTER_NAME, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { Modal } from '../widgets/modal.tsx';
import { createAdvisor, likelyImage, type Start } from './create/advisor.ts';
import { CreateCluster } from './create-cluster.tsx';
import { freeName } from './free-name.ts';

export interface CreateClusterDialogProps {
  engine: Engine;
  /** Name of the cluster that is made anew; absent: another one is made. */
  replaced?: string | undefined;
  screenWidth: number;
  screenHeight: number;
  /** The plan is the one that was looked at: carrying out exactly this is what was agreed to. */
  onApply: (plan: Plan, spec: ClusterSpec) => void;
  onCancel: () => void;
}

/** The create form on an engine: looks up likely answers first, then shows the form. */
export function CreateClusterDialog(props: CreateClusterDialogProps): ReactNode {
  const { engine, replaced, screenWidth, screenHeight, onApply, onCancel } = props;
  const advisor = useMemo(() => createAdvisor(engine, replaced), [engine, replaced]);
  const [start, setStart] = useState<Start>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    advisor.initial(abort.signal).then(setStart, error => {
      // A form filled with anything else must not take the cluster's place.
      if (replaced !== undefined) return abort.signal.aborted || setFailure(toK3duiError(error).message);
      // Without an engine the form still opens; it says by itself that nothing can be checked.
      const taken = engine.inventory.snapshot.clusters.map(cluster => cluster.name);
      if (abort.signal.aborted) return;
      const name = freeName(DEFAULT_CLUSTER_NAME, taken);
      setStart({ spec: { ...defaultClusterSpec(likelyImage([])), name }, images: [], networks: [] });
    });
    return () => abort.abort();
  }, [advisor, engine, replaced]);
  // Keys pressed before the form is there must not reach what lies under it.
  useKeys(start === undefined, key => key.name === 'escape' && onCancel());
  if (!start) {
    return (
      <Modal
        title={replaced === undefined ? 'Create a cluster' : `Make ${sanitise(replaced)} anew`}
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        width={Math.min(screenWidth, failure === undefined ? 44 : 76)}
        height={failure === undefined ? 3 : 4}
        lines={failure === undefined ? ['Looking at what Docker has …'] : [sanitise(failure), 'Esc closes.']}
      />
    );
  }
  return (
    <CreateCluster
      initial={start.spec}
      replaces={replaced !== undefined}
      last={start.last}
      images={start.images}
      networks={start.networks}
      registries={engine.inventory.snapshot.registries.map(({ name }) => name)}
      check={advisor.check}
      plan={advisor.plan}
      versions={advisor.versions}
      hint={advisor.hint}
      onApply={onApply}
      onCancel={onCancel}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
    />
  );
}
