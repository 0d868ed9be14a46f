import type { PortChange, PortRequest } from '../../../src/engine/loadbalancer/change.ts';
import type { NodePort } from '../../../src/engine/model.ts';
import type { PortRow } from '../../../src/engine/ports/table.ts';
import type { PortEdit } from '../../port-actions.ts';
import { portSpec } from '../../screens/ports-urls.ts';
import { type ChoiceState, choiceOf } from '../../widgets/choice-state.ts';
import { type FieldState, fieldOf } from '../../widgets/field-state.ts';
import { type Draft, draftOf, EMPTY_DRAFT, readDraft, specOf } from './draft.ts';

/** What the dialog was opened for. */
export type PortDialog =
  /** With a draft everything is filled in, and the preview comes first. */
  | { kind: 'add'; cluster: string | undefined; near?: string; draft?: Draft }
  | { kind: 'change'; cluster: string; row: PortRow }
  | { kind: 'remove'; cluster: string; rows: readonly PortRow[] };

export type Step = 'cluster' | 'target' | 'host' | 'nodes' | 'planning' | 'preview' | 'drop';

export interface WizardState {
  readonly what: PortDialog;
  readonly step: Step;
  /** Name of the chosen cluster. */
  readonly cluster: string | undefined;
  readonly clusterPick: ChoiceState;
  readonly targetPick: ChoiceState;
  /** What is typed in the row of the target step that takes any port. */
  readonly other: FieldState;
  readonly draft: Draft;
  /** Field of the host step: host port, address, port of the nodes, protocol. */
  readonly focus: number;
  readonly nodesPick: ChoiceState;
  /** Mappings that were finished before the one at hand; in the same set. */
  readonly finished: readonly Draft[];
  /** Mappings of today that go in the same set. */
  readonly dropped: readonly PortRow[];
  readonly dropPick: ChoiceState;
  readonly button: number;
  /** Why it cannot go on from here. */
  readonly problem?: string;
  /** Esc was pressed once where that leaves. */
  readonly leaving?: boolean;
  readonly edit?: PortEdit;
}

/** The dialog as it opens; `clusters` are the names to choose from. */
export function beginWizard(what: PortDialog, clusters: readonly string[] = []): WizardState {
  const state: WizardState = {
    what,
    step: what.kind === 'remove' ? 'planning' : what.cluster === undefined ? 'cluster' : 'target',
    cluster: what.cluster,
    clusterPick: choiceOf(what.kind === 'add' ? Math.max(0, clusters.indexOf(what.near ?? '')) : 0),
    targetPick: choiceOf(),
    other: fieldOf(''),
    draft: EMPTY_DRAFT,
    focus: 0,
    nodesPick: choiceOf(),
    finished: [],
    dropped: what.kind === 'remove' ? what.rows : [],
    dropPick: choiceOf(),
    // What removes asks with the focus on the harmless button.
    button: what.kind === 'remove' ? 1 : 0,
  };
  if (what.kind === 'add' && what.draft) return { ...state, step: 'planning', draft: what.draft };
  return what.kind === 'change' ? { ...state, step: 'host', draft: draftOf(what.row) } : state;
}

/** Whether there is a mapping at hand: not where only something is removed. */
export const hasDraft = (state: WizardState): boolean => state.what.kind !== 'remove' || state.draft !== EMPTY_DRAFT;

/** Something was typed or chosen that would be lost. */
export const isTouched = (state: WizardState): boolean =>
  state.finished.length > 0 || state.draft.target.text !== '' || state.other.text !== '';

const request = (draft: Draft): PortRequest => ({
  port: specOf(draft),
  nodeFilters: draft.filters === '' ? [] : draft.filters.split(';'),
});

const removal = (row: PortRow): PortRequest => ({ port: portSpec(row), nodeFilters: [] });

/** The whole set as the engine takes it. */
export function changeOf(state: WizardState, published: readonly NodePort[]): PortChange {
  const add = [...state.finished, ...(hasDraft(state) ? [state.draft] : [])].map(request);
  const remove = state.dropped.map(removal);
  if (state.what.kind !== 'change') return { add, remove };
  const twins = twinsOf(state, published);
  return {
    add: [...add, ...twins.map(row => ({ ...removal(row), nodeFilters: request(state.draft).nodeFilters }))],
    remove: [removal(state.what.row), ...twins.map(removal), ...remove],
  };
}

/**
 * Where only the nodes of a mapping change: the other host ports that lead to the same listener. It has one set of nodes,
 * so all of them are put anew; no binding changes by that, and nothing is interrupted.
 */
function twinsOf({ what, draft }: WizardState, published: readonly NodePort[]): PortRow[] {
  if (what.kind !== 'change' || specOf(draftOf(what.row)) !== specOf(draft)) return [];
  const { row } = what;
  return published
    .filter(port => port.containerPort === row.listenerPort && port.protocol === row.protocol)
    .map(({ hostIP, hostPort }) => ({ ...row, hostIP, hostPort }))
    .filter(other => other.hostPort > 0 && portSpec(other) !== portSpec(row));
}

/** What the load balancer publishes besides the mapping at hand: of today without what goes, and what is in the set. */
export function publishedBesides(state: WizardState, published: readonly NodePort[]): NodePort[] {
  const going = [...state.dropped, ...(state.what.kind === 'change' ? [state.what.row] : [])];
  const stays = published.filter(
    port =>
      !going.some(
        row =>
          row.hostPort === port.hostPort && row.listenerPort === port.containerPort && row.protocol === port.protocol,
      ),
  );
  const coming = state.finished.flatMap(draft =>
    readDraft(draft).mappings.map(({ hostIP, hostPort = 0, containerPort, protocol }) => ({
      hostIP,
      hostPort,
      containerPort,
      protocol,
    })),
  );
  return [...stays, ...coming];
}
