import type { Cluster } from '../../../src/engine/model.ts';
import type { KeyPress } from '../../hooks/use-keys.ts';
import { markChoice, moveChoice } from '../../widgets/choice-state.ts';
import { editField, type FieldState, fieldOf } from '../../widgets/field-state.ts';
import { PROTOCOLS } from './draft.ts';
import { nodeChoices } from './node-choices.ts';
import type { TargetChoice } from './target-choices.ts';
import type { PortFacts } from './use-port-facts.ts';
import type { WizardState } from './wizard-state.ts';

/** What leads from one step to another; some ask the engine on the way. */
export interface WizardSteps {
  back(): void;
  /** To the target step of this cluster. */
  takeCluster(name: string): void;
  /** What was picked or typed as the target. */
  takeTarget(typed: string): void;
  /** Puts a free host port in, another one than is there. */
  proposeAnother(): void;
  takeHost(): void;
  takeNodes(filters: string): void;
  another(): void;
  drop(): void;
  plan(): void;
  /** Plans anew; what was looked at is carried out, if it is still the same. */
  apply(): void;
}

export interface WizardKeysContext {
  clusters: readonly Cluster[];
  cluster: Cluster | undefined;
  targets: readonly TargetChoice[];
  facts: PortFacts;
  set(state: WizardState): void;
  steps: WizardSteps;
}

const ROWS = 12;
const HOST_FIELDS = ['hostPort', 'address', 'target'] as const;

/** A key in any step but the preview. What it gives means nothing. */
export function onWizardKey(state: WizardState, key: KeyPress, context: WizardKeysContext): unknown {
  const { steps, set, cluster } = context;
  const clear = { ...state, problem: undefined, leaving: false };
  if (key.name === 'escape' || key.name === 'ctrl-c') return steps.back();
  switch (state.step) {
    case 'cluster': {
      const picked = context.clusters[state.clusterPick.index];
      if (key.name === 'enter') return picked && steps.takeCluster(picked.name);
      const moved = moveChoice(state.clusterPick, key, context.clusters.length, ROWS);
      return moved && set({ ...clear, clusterPick: moved });
    }
    case 'target':
      return onTargetKey(clear, key, context);
    case 'host':
      return onHostKey(clear, key, context);
    case 'nodes': {
      const choices = cluster ? nodeChoices(cluster) : [];
      const picked = choices[state.nodesPick.index];
      if (key.name === 'enter') {
        if (picked && picked.filters !== '') return steps.takeNodes(picked.filters);
        return set({ ...clear, problem: 'that can only be had when a cluster is created; choose a node above' });
      }
      const moved = moveChoice(state.nodesPick, key, choices.length, ROWS);
      return moved && set({ ...clear, nodesPick: moved });
    }
    case 'drop': {
      const { removable } = context.facts;
      if (key.name === 'space') {
        const next = moveChoice(markChoice(state.dropPick), { name: 'down', text: '' }, removable.length, ROWS);
        return next && removable.length > 0 ? set({ ...clear, dropPick: next }) : undefined;
      }
      if (key.name === 'enter') return steps.plan();
      const moved = moveChoice(state.dropPick, key, removable.length, ROWS);
      return moved && set({ ...clear, dropPick: moved });
    }
  }
}

function onTargetKey(state: WizardState, key: KeyPress, { targets, set, steps }: WizardKeysContext): unknown {
  const onOther = state.targetPick.index >= targets.length;
  if (key.name === 'enter') {
    const picked = targets[state.targetPick.index];
    return steps.takeTarget(picked ? picked.target : state.other.text);
  }
  if (key.name === 'up' || key.name === 'down' || key.name === 'tab' || key.name === 'shift-tab') {
    const by = key.name === 'up' || key.name === 'shift-tab' ? -1 : 1;
    const index = Math.max(0, Math.min(targets.length, Math.min(state.targetPick.index, targets.length) + by));
    return set({ ...state, targetPick: { ...state.targetPick, index } });
  }
  // A digit, an address, a paste: it is typed into the last row, wherever the person is.
  if (onOther || /^[\d[]/.test(key.text)) {
    const other = editField(onOther ? state.other : fieldOf(''), key);
    return other && set({ ...state, other, targetPick: { ...state.targetPick, index: targets.length } });
  }
  const moved = moveChoice(state.targetPick, key, targets.length + 1, ROWS);
  if (moved) set({ ...state, targetPick: moved });
}

function onHostKey(state: WizardState, key: KeyPress, { set, steps }: WizardKeysContext): unknown {
  const { draft, focus } = state;
  if (key.name === 'enter') return steps.takeHost();
  if (key.name === 'ctrl-o') return steps.proposeAnother();
  if (['up', 'shift-tab', 'down', 'tab'].includes(key.name)) {
    const by = key.name === 'up' || key.name === 'shift-tab' ? 3 : 1;
    return set({ ...state, focus: (focus + by) % 4 });
  }
  const name = HOST_FIELDS[focus];
  if (name === undefined) {
    const by = ['space', 'right', 'l'].includes(key.name) ? 1 : ['left', 'h'].includes(key.name) ? 2 : 0;
    const letter = PROTOCOLS.find(protocol => protocol[0] === key.name);
    const next = letter ?? PROTOCOLS[(PROTOCOLS.indexOf(draft.protocol) + by) % 3];
    return next === draft.protocol ? undefined : set({ ...state, draft: { ...draft, protocol: next ?? 'tcp' } });
  }
  const field: FieldState | undefined = editField(draft[name], key);
  if (field) set({ ...state, draft: { ...draft, [name]: field, typed: draft.typed || name === 'hostPort' } });
}
