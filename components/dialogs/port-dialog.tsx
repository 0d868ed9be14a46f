import type { ReactNode } from 'react';
import type { Cluster } from '../../src/engine/model.ts';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import type { PortActions, PortEdit } from '../port-actions.ts';
import { withoutLoadBalancer } from '../screens/ports-pane.ts';
import { useTheme } from '../theme.ts';
import { Modal } from '../widgets/modal.tsx';
import { hintLine } from './hint-line.ts';
import { drawWizard } from './ports/draw-wizard.ts';
import { PreviewDialog } from './ports/preview-dialog.tsx';
import { targetChoices } from './ports/target-choices.ts';
import { usePortFacts } from './ports/use-port-facts.ts';
import { useWizardSteps } from './ports/use-wizard-steps.ts';
import { onWizardKey, type WizardSteps } from './ports/wizard-keys.ts';
import { beginWizard, type PortDialog, type WizardState } from './ports/wizard-state.ts';
import { useLiveState } from './use-live-state.ts';

export interface PortDialogProps {
  what: PortDialog;
  clusters: readonly Cluster[];
  actions: PortActions;
  screenWidth: number;
  screenHeight: number;
  /** The plan is the one that was looked at. */
  onApply(cluster: string, edit: PortEdit): void;
  onCancel(): void;
}

const TITLES: Record<PortDialog['kind'], string> = {
  add: 'Add a port',
  change: 'Change a port',
  remove: 'Remove ports',
};

/** Adds, changes and removes ports of one cluster as one set: step by step, then exactly what would be done, then it is. */
export function PortDialogs(props: PortDialogProps): ReactNode {
  const theme = useTheme();
  const { what, clusters, actions, screenWidth, screenHeight, onApply, onCancel } = props;
  const [state, read, set] = useLiveState<WizardState>(() =>
    beginWizard(
      what,
      clusters.map(({ name }) => name),
    ),
  );
  const cluster = clusters.find(({ name }) => name === state.cluster);
  const facts = usePortFacts(actions, cluster, state);
  const targets = targetChoices(facts.answer, facts.published);
  const steps: WizardSteps = useWizardSteps({ actions, clusters, facts, read, set, onApply, onCancel });
  const shown = state.step === 'preview' && state.edit !== undefined;
  const explain = cluster !== undefined && !cluster.loadBalancer;
  useKeys(!shown, key => {
    if (explain && ['escape', 'enter', 'q', 'ctrl-c'].includes(key.name)) return steps.back();
    if (!explain) onWizardKey(read(), key, { clusters, cluster, targets, facts, set, steps });
  });

  const width = Math.min(screenWidth, Math.max(60, Math.min(96, screenWidth - 4)));
  const title = `${TITLES[what.kind]}${state.cluster === undefined ? '' : ` of ${sanitise(state.cluster)}`}`.replace(
    'Add a port of',
    'Add a port to',
  );
  if (explain) {
    const lines = [
      ...withoutLoadBalancer(theme, cluster, width - 4),
      '',
      hintLine(theme, [['Esc', 'back']], width - 4),
    ];
    return (
      <Modal
        title={title}
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        width={width}
        tone="warn"
        lines={lines}
      />
    );
  }
  if (shown && state.edit) {
    const { edit } = state;
    return (
      <PreviewDialog
        edit={edit}
        destructive={what.kind === 'remove' && edit.preview.added.length === 0}
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        problem={state.problem}
        onApply={steps.apply}
        onBack={steps.back}
        onMore={steps.another}
        onDrop={steps.drop}
      />
    );
  }
  const height = Math.min(screenHeight, 20);
  const view = {
    width: width - 4,
    height: height - 2,
    clusters,
    cluster,
    published: state.step === 'drop' ? facts.removable : facts.published,
    targets,
    answer: facts.answer,
    conflicts: facts.conflicts,
  };
  return (
    <Modal
      title={title}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={height}
      lines={drawWizard(theme, state, view)}
    />
  );
}
