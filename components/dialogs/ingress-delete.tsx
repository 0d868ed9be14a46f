import { type ReactNode, useEffect } from 'react';
import type { Engine } from '../../src/engine/engine.ts';
import { planIngressDelete } from '../../src/engine/expose/ingress-plan.ts';
import { surveyCluster } from '../../src/engine/expose/survey.ts';
import type { Cluster } from '../../src/engine/model.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { useTheme } from '../theme.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { PlanPreview } from './plan-preview.tsx';
import { useLiveState } from './use-live-state.ts';

export interface IngressDeleteProps {
  engine: Engine;
  cluster: Cluster;
  namespace: string;
  ingress: string;
  onApply(plan: Plan): void;
  onCancel(): void;
  screenWidth: number;
  screenHeight: number;
}

/** Works out what taking an Ingress away comes to, asks, and does it. */
export function IngressDelete(props: IngressDeleteProps): ReactNode {
  const theme = useTheme();
  const { engine, cluster, namespace, ingress, screenWidth, screenHeight, onCancel } = props;
  const [state, , set] = useLiveState<{ plan?: Plan; error?: string }>(() => ({}));
  // biome-ignore lint/correctness/useExhaustiveDependencies: worked out once, for what was selected
  useEffect(() => {
    const abort = new AbortController();
    const call = { signal: abort.signal };
    surveyCluster(engine, cluster, call)
      .then(survey => planIngressDelete(engine, survey, { namespace, name: ingress }, call))
      .then(
        ({ plan }) => !abort.signal.aborted && set({ plan }),
        thrown => {
          if (abort.signal.aborted || isAbort(thrown)) return;
          const { message, hint } = toK3duiError(thrown);
          set({ error: hint ? `${message} · ${hint}` : message });
        },
      );
    return () => abort.abort();
  }, []);
  useKeys(state.plan === undefined, key => {
    if (['escape', 'enter', 'q', 'ctrl-c'].includes(key.name)) onCancel();
  });
  const { plan, error } = state;
  if (plan) {
    return (
      <PlanPreview
        plan={plan}
        applyLabel="Delete"
        backLabel="Cancel"
        destructive
        tone="bad"
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        onApply={props.onApply}
        onBack={onCancel}
      />
    );
  }
  const width = Math.min(screenWidth, 70);
  const lines = error
    ? wrapText(sanitise(error), width - 4).map(line => theme.paint('bad', line))
    : [theme.paint('dim', 'working out what is to be done …')];
  return (
    <Modal
      title={sanitise(`Delete Ingress ${namespace}/${ingress}`)}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={lines.length + 2}
      lines={lines}
    />
  );
}
