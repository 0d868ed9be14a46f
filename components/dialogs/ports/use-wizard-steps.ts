import { useEffect, useRef } from 'react';
import type { Cluster } from '../../../src/engine/model.ts';
import { isAbort, toK3duiError } from '../../../src/errors.ts';
import type { PortActions, PortEdit } from '../../port-actions.ts';
import { choiceOf } from '../../widgets/choice-state.ts';
import { fieldOf, selectAll } from '../../widgets/field-state.ts';
import { findConflicts, overlaps } from './conflicts.ts';
import { EMPTY_DRAFT, proposePort, readDraft, withTarget } from './draft.ts';
import { choiceFor, nodeChoices } from './node-choices.ts';
import type { PortFacts } from './use-port-facts.ts';
import type { WizardSteps } from './wizard-keys.ts';
import { changeOf, hasDraft, isTouched, publishedBesides, type WizardState } from './wizard-state.ts';

export interface WizardStepsOptions {
  actions: PortActions;
  clusters: readonly Cluster[];
  facts: PortFacts;
  read(): WizardState;
  set(state: WizardState): void;
  onApply(cluster: string, edit: PortEdit): void;
  onCancel(): void;
}

/** From step to step. Whatever is asked of the engine on the way is forgotten when the person goes elsewhere. */
export function useWizardSteps({
  actions,
  clusters,
  facts,
  read,
  set,
  onApply,
  onCancel,
}: WizardStepsOptions): WizardSteps {
  const abort = useRef<AbortController>(undefined);
  const fresh = (): AbortSignal => {
    abort.current?.abort();
    abort.current = new AbortController();
    return abort.current.signal;
  };
  const clusterNow = () => clusters.find(({ name }) => name === read().cluster);
  const go = (change: Partial<WizardState>) => set({ ...read(), problem: undefined, leaving: false, ...change });
  const stay = (problem: string) => set({ ...read(), problem, leaving: false });

  const propose = (after?: number) => {
    const cluster = clusterNow();
    const { draft } = read();
    if (!cluster) return;
    const signal = fresh();
    const [from = 0, to = from] = draft.target.text.split('-').map(Number);
    actions.portOwners(cluster, [], signal).then(
      owners => {
        const now = read();
        if (signal.aborted || now.step !== 'host' || (after === undefined && now.draft.typed)) return;
        const own = publishedBesides(now, facts.published);
        const isFree = (port: number): boolean => {
          const wanted = { hostIP: now.draft.address.text, port, protocol: now.draft.protocol };
          return (
            !own.some(one => overlaps(wanted, { ...one, port: one.hostPort })) &&
            owners.owner(wanted) === undefined &&
            owners.stopped(wanted).length === 0
          );
        };
        const port = proposePort(from, Math.max(1, to - from + 1), isFree, after);
        if (port === undefined) return stay('no free port was found near it');
        const text = to > from ? `${port}-${port + to - from}` : String(port);
        go({ draft: { ...now.draft, hostPort: selectAll(fieldOf(text)) } });
      },
      error => !isAbort(error) && stay(toK3duiError(error).message),
    );
  };

  const plan = () => {
    const cluster = clusterNow();
    const before = read();
    if (!cluster) return stay('the cluster is gone');
    const marked = facts.removable.filter((_, at) => before.dropPick.marked.has(at));
    const dropped =
      before.step === 'drop'
        ? [
            ...(before.what.kind === 'remove' ? before.what.rows : []),
            ...marked.map(port => ({
              id: '',
              cluster: cluster.name,
              hostIP: port.hostIP,
              hostPort: port.hostPort,
              listenerPort: port.containerPort,
              protocol: port.protocol,
              upstreams: [],
              kind: 'proxy' as const,
              filters: '',
            })),
          ]
        : before.dropped;
    const asked = { ...before, dropped: unique(dropped), problem: undefined, leaving: false };
    set({ ...asked, step: 'planning' });
    const signal = fresh();
    const change = changeOf(asked, facts.published);
    actions.plan(cluster, change, signal).then(
      edit => !signal.aborted && set({ ...asked, step: 'preview', edit }),
      error => {
        if (signal.aborted || isAbort(error)) return;
        const { message, hint } = toK3duiError(error);
        const problem = hint === undefined ? message : `${message}; ${hint}`;
        set({ ...asked, step: before.step === 'planning' ? 'planning' : before.step, problem });
      },
    );
  };

  // What removes needs no steps before its preview.
  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    if (read().step === 'planning') plan();
  });
  useEffect(() => () => abort.current?.abort(), []);

  return {
    plan,
    back() {
      abort.current?.abort();
      const state = read();
      const leave = () =>
        isTouched(state) && !state.leaving && state.what.kind === 'add' ? set({ ...state, leaving: true }) : onCancel();
      const cluster = clusterNow();
      if (cluster && !cluster.loadBalancer && state.what.cluster === undefined)
        return go({ step: 'cluster', cluster: undefined });
      switch (state.step) {
        case 'host':
          return state.what.kind === 'change' && state.finished.length === 0 ? onCancel() : go({ step: 'target' });
        case 'nodes':
          return go({ step: 'host' });
        case 'drop':
          return go({ step: 'preview' });
        case 'planning':
          return hasDraft(state) ? go({ step: 'nodes' }) : onCancel();
        case 'preview':
          return hasDraft(state) ? go({ step: 'nodes', edit: undefined }) : onCancel();
        case 'target': {
          const last = state.finished.at(-1);
          if (last) return go({ step: 'nodes', draft: last, finished: state.finished.slice(0, -1) });
          if (state.what.kind === 'remove') return go({ step: 'preview', draft: EMPTY_DRAFT });
          return state.what.cluster === undefined ? go({ step: 'cluster' }) : leave();
        }
        default:
          return leave();
      }
    },
    takeCluster(name) {
      const same = name === read().cluster;
      go({ step: 'target', cluster: name, ...(same ? {} : { draft: EMPTY_DRAFT, targetPick: choiceOf() }) });
    },
    takeTarget(typed) {
      const { draft } = read();
      const next = withTarget(draft, typed);
      if (typeof next === 'string') return stay(next);
      const moved = next.target.text !== draft.target.text || next.protocol !== draft.protocol;
      // What was typed stays, unless it cannot be for the new target: another number of ports.
      const stale = moved && (!next.typed || readDraft(next).error !== undefined);
      const renewed = stale ? { ...next, hostPort: fieldOf(''), typed: false } : next;
      go({ step: 'host', focus: 0, draft: renewed });
      if (!renewed.typed && renewed.hostPort.text === '') propose();
    },
    proposeAnother() {
      const port = Number(read().draft.hostPort.text.split('-')[0]);
      propose(Number.isInteger(port) && port > 0 ? port : 1024);
    },
    takeHost() {
      const { draft } = read();
      const cluster = clusterNow();
      const reading = readDraft(draft);
      if (!cluster || reading.error !== undefined) return stay(reading.error ?? 'the cluster is gone');
      const signal = fresh();
      const ports = reading.mappings.flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]));
      actions.portOwners(cluster, ports, signal).then(
        owners => {
          if (signal.aborted || read().step !== 'host') return;
          const { errors } = findConflicts(reading, publishedBesides(read(), facts.published), owners);
          if (errors[0] !== undefined) return stay(errors[0]);
          const found = choiceFor(cluster, nodeChoices(cluster), draft.filters === '' ? 'loadbalancer' : draft.filters);
          go({ step: 'nodes', nodesPick: choiceOf(Math.max(0, found)) });
        },
        error => !isAbort(error) && stay(toK3duiError(error).message),
      );
    },
    takeNodes(filters) {
      go({ draft: { ...read().draft, filters } });
      plan();
    },
    another() {
      const state = read();
      const finished = hasDraft(state) ? [...state.finished, state.draft] : state.finished;
      go({
        step: 'target',
        finished,
        draft: { ...EMPTY_DRAFT },
        other: fieldOf(''),
        targetPick: choiceOf(),
        edit: undefined,
      });
    },
    drop() {
      go({ step: 'drop' });
    },
    apply() {
      const state = read();
      const cluster = clusterNow();
      if (!cluster || !state.edit) return stay('the cluster is gone');
      const looked = state.edit;
      const signal = fresh();
      actions.plan(cluster, looked.change, signal).then(
        edit => {
          if (signal.aborted || read().step !== 'preview') return;
          if (isSame(looked, edit)) return onApply(cluster.name, edit);
          go({ edit, problem: 'the load balancer was changed meanwhile; this is the plan as things are now' });
        },
        error => {
          if (!signal.aborted && !isAbort(error)) stay(toK3duiError(error).message);
        },
      );
    },
  };
}

/** Whether two plans do the same: a plan that is minutes old would undo what somebody else did since. */
function isSame(looked: PortEdit, now: PortEdit): boolean {
  const essence = ({ preview, plan }: PortEdit) =>
    JSON.stringify([preview.how, preview.bindings, preview.before, preview.after, plan.steps.map(({ id }) => id)]);
  return essence(looked) === essence(now);
}

function unique<Row extends { hostIP: string; hostPort: number; listenerPort: number; protocol: string }>(
  rows: readonly Row[],
): Row[] {
  const key = (row: Row) => `${row.hostIP}:${row.hostPort}:${row.listenerPort}/${row.protocol}`;
  return [...new Map(rows.map(row => [key(row), row])).values()];
}
