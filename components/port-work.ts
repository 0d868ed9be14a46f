import type { Engine } from '../src/engine/engine.ts';
import type { HostBinding } from '../src/engine/loadbalancer/bindings.ts';
import { bindingSpec } from '../src/engine/loadbalancer/bindings.ts';
import type { Cluster } from '../src/engine/model.ts';
import type { Operation } from '../src/engine/operation.ts';
import type { PortProbe } from '../src/engine/ports/probe.ts';
import { type PortRow, portTable } from '../src/engine/ports/table.ts';
import { formatDuration, sanitise } from '../src/text.ts';
import type { PortActions, PortEdit } from './port-actions.ts';
import type { Runner } from './runner.ts';
import type { AppAction, AppState, Status } from './state/app-state.ts';
import { clearMarks } from './state/list.ts';
import type { Store } from './state/store.ts';

/** For so long a new port is asked until something answers, in milliseconds. */
const PROOF_LIMIT = 4000;
const PROOF_PAUSE = 300;
/** Of many new ports so many are proven; a range of 100 would take long. */
const PROVEN = 3;

/** A path and how it was tested. */
interface Proof {
  row: PortRow;
  probe: PortProbe;
}

export interface PortWorkOptions {
  engine: Engine;
  store: Store<AppState, AppAction>;
  actions: PortActions;
  runner: Runner;
}

/** Carries changes of ports out, and proves afterwards that the ports answer. */
export class PortWork {
  readonly #options: PortWorkOptions;

  constructor(options: PortWorkOptions) {
    this.#options = options;
  }

  /** Carries out exactly the plan that was looked at; a repetition plans anew. */
  apply(cluster: string, edit: PortEdit): void {
    const { actions, runner, store } = this.#options;
    store.dispatch({ type: 'list', key: `ports ${cluster}`, change: clearMarks });
    store.dispatch({ type: 'list', key: 'ports', change: clearMarks });
    let last = edit;
    const again = async () => {
      last = await actions.plan(this.#cluster(cluster), edit.change, new AbortController().signal);
      return last.plan;
    };
    const begun = (operation: Operation): void => {
      const begunEdit = last;
      operation.finished.then(
        () => void this.#prove(cluster, begunEdit, (operation.endedAt ?? Date.now()) - operation.startedAt),
        () => {},
      );
    };
    runner.carryOut({ plan: edit.plan, again, begun });
  }

  #find(name: string): Cluster | undefined {
    return this.#options.engine.inventory.snapshot.clusters.find(cluster => cluster.name === name);
  }

  #cluster(name: string): Cluster {
    const found = this.#find(name);
    if (!found) throw new Error(`there is no cluster '${name}' any more`);
    return found;
  }

  /** Says whether what was added answers and what was removed is gone. */
  async #prove(name: string, { plan, preview }: PortEdit, took: number): Promise<void> {
    const { added, removed, how } = preview;
    const done = [
      ...(added.length > 0 ? [`${listed(added)} added`] : []),
      ...(removed.length > 0 ? [`${listed(removed)} removed`] : []),
      ...(how === 'reload' ? ['changed without an interruption'] : []),
    ];
    const said = `${done.join(', ')} in ${formatDuration(took)}`;
    // The runner says first that it is done.
    await new Promise(resolve => setImmediate(resolve));
    if (added.length === 0) return this.#say('good', `${said}${await this.#closed(name, removed)}`, plan.command);
    if (!this.#find(name)?.loadBalancer?.running && this.#find(name)?.serversRunning === 0) {
      return this.#say('good', `${said}; the cluster is stopped, so nothing was tested`, plan.command);
    }
    this.#say('plain', `${said}; trying it …`, plan.command);
    const found = await this.#test(name, added);
    if (found.length === 0) {
      return this.#say('warn', `${said}; the port could not be tested`, plan.command);
    }
    // Whoever goes back to the table finds it selected.
    const selected = found[0]?.row.id;
    this.#options.store.dispatch({ type: 'list', key: `ports ${name}`, change: list => ({ ...list, selected }) });
    const bad = found.find(({ probe }) => probe.state !== 'open' && probe.state !== 'untestable');
    const first = bad ?? found[0]!;
    const many = found.length < added.length ? ` (${found.length} of ${added.length} tested)` : '';
    this.#say(bad ? 'warn' : 'good', `${said}; ${verdict(first)}${many}`, plan.command);
  }

  /** Tests the first few again and again until they answer or time is up; empty when they could not be tested. */
  async #test(name: string, added: readonly HostBinding[]): Promise<Proof[]> {
    const wanted = added.slice(0, PROVEN);
    const deadline = Date.now() + PROOF_LIMIT;
    let found: Proof[] = [];
    for (;;) {
      // The inventory may not have heard of the new container yet; then what is asked is gone.
      found = await this.#once(name, wanted).catch(() => found);
      const answers = ({ probe: { state } }: Proof) => state === 'open' || state === 'untestable';
      if ((found.length === wanted.length && found.every(answers)) || Date.now() > deadline) return found;
      await new Promise(resolve => setTimeout(resolve, PROOF_PAUSE));
    }
  }

  /** Whether the first of what was removed is closed now. */
  async #closed(name: string, removed: readonly HostBinding[]): Promise<string> {
    const [first] = removed;
    const port = Number(first?.hostPort);
    if (first?.protocol !== 'tcp' || !(port > 0)) return '';
    const { hostIP, containerPort: listenerPort, protocol } = first;
    const row: PortRow = {
      ...{ id: '', cluster: name, hostIP, hostPort: port, listenerPort, protocol },
      ...{ upstreams: [], kind: 'proxy', filters: '' },
    };
    const { signal } = new AbortController();
    const probe = await this.#options.actions.probe(this.#cluster(name), row, signal).catch(() => undefined);
    if (probe === undefined) return '';
    return probe.state === 'shut' ? `; ${port} is closed` : `; something else answers on ${port} now`;
  }

  async #once(name: string, wanted: readonly HostBinding[]): Promise<Proof[]> {
    const { actions } = this.#options;
    const cluster = this.#cluster(name);
    const { signal } = new AbortController();
    const { model, ports } = await actions.read(cluster, signal);
    const rows = portTable(cluster, model, ports).filter(row => wanted.some(binding => isRow(row, binding)));
    return Promise.all(rows.map(async row => ({ row, probe: await actions.probe(cluster, row, signal) })));
  }

  #say(tone: Status['tone'], text: string, command: string): void {
    this.#options.store.dispatch({ type: 'status', status: { tone, text: sanitise(text), command, at: Date.now() } });
  }
}

function isRow(row: PortRow, { containerPort, protocol, hostIP, hostPort }: HostBinding): boolean {
  const any = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::';
  return (
    row.listenerPort === containerPort &&
    row.protocol === protocol &&
    (hostPort === '' || String(row.hostPort) === hostPort) &&
    (row.hostIP === hostIP || (any(row.hostIP) && any(hostIP)))
  );
}

/** `8081:80, 8082:80 and 3 more` */
function listed(bindings: readonly HostBinding[]): string {
  const few = bindings.slice(0, 2).map(bindingSpec).join(', ');
  return bindings.length > 2 ? `${few} and ${bindings.length - 2} more` : few;
}

function verdict({ row, probe }: Proof): string {
  const port = `${row.hostPort}`;
  switch (probe.state) {
    case 'open': {
      const through = probe.upstreams.filter(one => one.state === 'open').length;
      return probe.upstreams.length > 0
        ? `${port} answers, through ${through} of ${probe.upstreams.length} nodes`
        : `${port} answers`;
    }
    case 'untestable':
      return `${port} is published; ${row.protocol} cannot be tested`;
    case 'refused behind':
      return `${port} is open, but nothing answers on ${row.listenerPort} of the nodes yet`;
    default:
      return `${port} is ${probe.state}${probe.why === undefined ? '' : `: ${probe.why}`}`;
  }
}
