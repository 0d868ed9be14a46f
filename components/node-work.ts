import { commandLine } from '../src/config/command-line.ts';
import { gatherFacts } from '../src/engine/cluster/facts.ts';
import type { Cluster, Node } from '../src/engine/model.ts';
import { planNodeCreate } from '../src/engine/node/create.ts';
import { byCluster, planNodeDelete } from '../src/engine/node/delete.ts';
import { gatherNodeFacts } from '../src/engine/node/facts.ts';
import { LiveNodes } from '../src/engine/node/live.ts';
import { planNodeRestart, planNodeStart, planNodeStop } from '../src/engine/node/power.ts';
import type { NodeRequest } from '../src/engine/node/request.ts';
import type { Plan } from '../src/engine/plan.ts';
import { refuseReadOnly } from '../src/engine/read-only.ts';
import { runShell } from '../src/engine/shell/shell.ts';
import { terminalPeer } from '../src/engine/shell/terminal-peer.ts';
import { K3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { clearMarks } from './state/list.ts';
import { type Place, placeKey } from './state/navigation.ts';

/** What the app does with nodes: watches what is on the screen, adds, starts, stops, deletes, steps into one. */
export class NodeWork {
  readonly live: LiveNodes;
  readonly #app: Controller;

  constructor(app: Controller) {
    this.#app = app;
    this.live = new LiveNodes(app.engine);
  }

  /** The marked nodes, or the selected one, or the one the screen is about. */
  chosen(place: Place): Node[] {
    if (place.screen === 'node') return this.#app.snapshot.nodes.filter(node => node.name === place.subject);
    return place.screen === 'nodes' ? (this.#app.chosenRows(place) as Node[]) : [];
  }

  named(names: readonly string[]): Node[] {
    return this.#app.snapshot.nodes.filter(node => names.includes(node.name));
  }

  /** The cluster that a new node would join from here. */
  clusterFor(place: Place): Cluster | undefined {
    const [node] = this.chosen(place);
    const subject = place.screen === 'cluster' || place.screen === 'nodes' ? place.subject : undefined;
    const name = subject ?? node?.cluster ?? this.#app.context(place).clusters[0]?.name;
    return this.#app.snapshot.clusters.find(cluster => cluster.name === name);
  }

  start(names: readonly string[]): void {
    const idle = this.named(names).filter(node => !node.running);
    this.#each('start', idle, async nodes => planNodeStart(nodes, await gatherFacts(this.#app.engine), { wait: true }));
  }

  stop(names: readonly string[]): void {
    const { snapshot } = this.#app;
    this.#each('stop', this.named(names), async nodes => planNodeStop(nodes, { snapshot }));
  }

  restart(names: readonly string[]): void {
    this.#each('restart', this.named(names), async nodes =>
      planNodeRestart(nodes, await gatherFacts(this.#app.engine)),
    );
  }

  delete(names: readonly string[]): void {
    this.#each('delete', this.named(names), async nodes =>
      planNodeDelete(nodes, { snapshot: this.#app.snapshot }, { drain: true }),
    );
  }

  /** Exactly what adding these nodes would do. */
  async planAdd(cluster: Cluster, request: NodeRequest, signal: AbortSignal): Promise<Plan> {
    return planNodeCreate(cluster, request, await gatherNodeFacts(this.#app.engine, cluster, request, { signal }));
  }

  /** Carries out the plan that was looked at; a repetition plans anew. */
  add(plan: Plan, cluster: string, request: NodeRequest): void {
    const again = async () => {
      const [found] = this.#app.work.named([cluster]);
      if (found) return this.planAdd(found, request, new AbortController().signal);
      throw new K3duiError({ code: 'CLUSTER_UNKNOWN', message: `there is no cluster '${cluster}' any more` });
    };
    this.#app.runner.carryOut({ plan, again });
  }

  /** One operation for the nodes of each cluster. */
  #each(verb: string, nodes: readonly Node[], plan: (nodes: Node[]) => Promise<Plan>): void {
    if (nodes.length === 0) return;
    const { store, place, snapshot, runner } = this.#app;
    store.dispatch({ type: 'list', key: placeKey(place), change: clearMarks });
    const what = `${verb} ${nodes.map(node => sanitise(node.name)).join(', ')}`;
    runner.begin(
      what,
      byCluster(nodes, snapshot.clusters).map(group => () => {
        const now = this.named(group.nodes.map(node => node.name));
        return plan(now.length > 0 ? now : group.nodes);
      }),
    );
  }

  /** Steps aside for a shell in the node, and comes back when it ends. */
  async shell(node: Node): Promise<void> {
    const { name } = node;
    const { engine } = this.#app;
    try {
      refuseReadOnly(engine, 'the shell');
      const code = await this.#app.aside(async () => {
        process.stdout.write(
          `\x1b[2J\x1b[H\x1b[2mshell in ${sanitise(name)}; exit or Ctrl-D comes back to k3dui\x1b[m\r\n`,
        );
        const peer = terminalPeer({
          stdin: process.stdin,
          stdout: process.stdout,
          stderr: process.stderr,
          env: engine.env,
        });
        try {
          return await runShell(engine.docker, node, [], peer);
        } finally {
          peer.release();
        }
      });
      // A shell that Ctrl-D ends gives the exit code of its last command.
      const last = code === 0 ? '' : `; exit code ${code}`;
      this.#app.say(
        code === 0 ? 'good' : 'plain',
        `left the shell in ${sanitise(name)}${last}`,
        commandLine`k3dui node shell ${name}`,
      );
    } catch (error) {
      this.#app.runner.fail(`shell in ${sanitise(name)}`, error);
    }
  }
}
