import { Text } from 'ink';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { Modal } from '../widgets/modal.tsx';
import { createAdvisor, freeName, likelyImage } from './create/advisor.ts';
import { CreateCluster } from './create-cluster.tsx';

export interface CreateClusterDialogProps {
  engine: Engine;
  screenWidth: number;
  screenHeight: number;
  /** The plan is the one that was looked at: carrying out exactly this is what was agreed to. */
  onApply: (plan: Plan, spec: ClusterSpec) => void;
  onCancel: () => void;
}

interface Start {
  spec: ClusterSpec;
  images: readonly string[];
  networks: readonly string[];
}

/** The create form on an engine: looks up likely answers first, then shows the form. */
export function CreateClusterDialog(props: CreateClusterDialogProps): ReactNode {
  const { engine, screenWidth, screenHeight, onApply, onCancel } = props;
  const advisor = useMemo(() => createAdvisor(engine), [engine]);
  const [start, setStart] = useState<Start>();
  useEffect(() => {
    const abort = new AbortController();
    advisor.initial(abort.signal).then(setStart, () => {
      // Without an engine the form still opens; it says by itself that nothing can be checked.
      const taken = engine.inventory.snapshot.clusters.map(cluster => cluster.name);
      if (abort.signal.aborted) return;
      setStart({ spec: { ...defaultClusterSpec(likelyImage([])), name: freeName(taken) }, images: [], networks: [] });
    });
    return () => abort.abort();
  }, [advisor, engine]);
  // Keys pressed before the form is there must not reach what lies under it.
  useKeys(start === undefined, key => key.name === 'escape' && onCancel());
  if (!start) {
    return (
      <Modal title="Create a cluster" screenWidth={screenWidth} screenHeight={screenHeight} width={44} height={3}>
        <Text>Looking at what Docker has …</Text>
      </Modal>
    );
  }
  return (
    <CreateCluster
      initial={start.spec}
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
