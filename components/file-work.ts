import type { ClusterSpec } from '../src/config/cluster-spec.ts';
import { defaultClusterSpec } from '../src/config/cluster-spec.ts';
import { commandLine } from '../src/config/command-line.ts';
import { DEFAULT_K3S_IMAGE } from '../src/config/default-image.ts';
import { specFromConfig } from '../src/config/file/to-spec.ts';
import { type BringUp, planBringUp, readDifferences } from '../src/engine/cluster/bring-up.ts';
import type { CloneOptions } from '../src/engine/cluster/clone.ts';
import { type ClonePlan, planClone } from '../src/engine/cluster/clone-plan.ts';
import { loadConfig, overrideFromEnvironment } from '../src/engine/cluster/config-file.ts';
import type { Difference } from '../src/engine/cluster/differences.ts';
import { writeExport } from '../src/engine/cluster/export-file.ts';
import { exportText } from '../src/engine/cluster/export-text.ts';
import { findFolderConfig } from '../src/engine/cluster/folder-config.ts';
import { readCluster } from '../src/engine/cluster/reading.ts';
import { specOf } from '../src/engine/cluster/spec-of.ts';
import type { Cluster } from '../src/engine/model.ts';
import { isEmptyPlan } from '../src/engine/plan.ts';
import { K3duiError, toK3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { CLUSTER_SCREENS } from './keys/definition.ts';
import { goTo, HOME, type Place, placeKey } from './state/navigation.ts';
import { openPrompt } from './state/prompt.ts';
import { typedPath } from './typed-path.ts';

/** An export that is shown. */
interface Export {
  cluster: string;
  text: string;
  /** With the token and logins. */
  secret: boolean;
}

/** What the app does with clusters as files: shows and saves one, makes one like it, compares and brings up. */
export class FileWork {
  /** The export that is shown, or was last. */
  shown: Export | undefined;
  /** What the file of the diff screen differs in. */
  differences: readonly Difference[] = [];
  readonly #app: Controller;

  constructor(app: Controller) {
    this.#app = app;
  }

  /** Reads the cluster and shows the config file that makes it again. */
  openExport(cluster: Cluster, secret = false): void {
    this.shown = undefined;
    this.#show({ screen: 'export', subject: cluster.name }, async () => {
      const text = exportText(specOf(await readCluster(this.#app.engine, cluster), { token: secret }));
      this.shown = { cluster: cluster.name, text, secret };
      return text.trimEnd().split('\n').map(sanitise);
    });
  }

  /** With the token, or without it again. */
  toggleSecrets(cluster: Cluster): void {
    this.openExport(cluster, !(this.shown?.secret ?? false));
  }

  copy(): void {
    if (this.shown) this.#app.copy(this.shown.text, `${this.shown.cluster} as a config file`);
  }

  /** Opens the line in which a path is typed. */
  askPath(): void {
    if (!this.shown) return;
    const path = `${this.shown.cluster.replaceAll(/[^\w.-]+/g, '_')}.yaml`;
    this.#app.store.dispatch({ type: 'prompt', prompt: openPrompt('save-export', path) });
  }

  /** The path that was typed; undefined: left with Esc. */
  typed(text: string | undefined): void {
    const { shown } = this;
    if (!shown || !text?.trim()) return;
    const path = typedPath(text, this.#app.engine.env);
    writeExport(path, shown.text, { secret: shown.secret }).then(
      () => this.#app.say('good', `${sanitise(shown.cluster)} saved to ${sanitise(path)}`, commandOf(shown, path)),
      error => this.#app.runner.fail('save', withoutFlag(error)),
    );
  }

  planClone(cluster: Cluster, name: string, options: CloneOptions, signal: AbortSignal): Promise<ClonePlan> {
    return planClone(this.#app.engine, cluster, name, options, { signal });
  }

  /** Carries out what was looked at; a repetition plans anew. */
  clone(planned: ClonePlan): void {
    this.#app.work.create(planned.plan, planned.spec);
  }

  /** Shows in what a file's cluster differs; without a path the project's own file. */
  diff(typed: string): void {
    void this.#file(typed).then(
      file =>
        this.#show({ screen: 'diff', subject: file }, async () => {
          const spec = await this.#spec(file);
          this.differences = await readDifferences(this.#app.engine, spec);
          return [spec.name];
        }),
      error => this.#app.runner.fail('diff', error),
    );
  }

  /** Plans to bring the file's cluster up, and asks. */
  apply(typed: string, recreate = false): void {
    this.#app.say('plain', 'working out what is to be done …');
    void this.#planApply(typed, recreate).catch(error => this.#app.runner.fail('apply', error));
  }

  async #planApply(typed: string, recreate: boolean): Promise<void> {
    const app = this.#app;
    const file = await this.#file(typed);
    const { spec, plan, left, how } = await this.#bringUp(file, recreate);
    // The file may be another one by then.
    const again = async () => (await this.#bringUp(file, recreate)).plan;
    app.store.dispatch({ type: 'status', status: undefined });
    if (left.length > 0) app.openDialog({ name: 'apply-left', file, plan, again, left });
    else if (isEmptyPlan(plan)) app.say('good', `cluster ${sanitise(spec.name)} is as asked for`, plan.command);
    else {
      const label = { create: 'Create', update: 'Apply', recreate: 'Make anew' }[how];
      app.openDialog({ name: 'plan', plan, again, label, destructive: how === 'recreate' });
    }
  }

  async #bringUp(file: string, recreate: boolean): Promise<BringUp & { spec: ClusterSpec }> {
    const spec = await this.#spec(file);
    const command = commandLine`k3dui cluster apply ${file} ${recreate ? ['--recreate'] : []}`;
    return { spec, ...(await planBringUp(this.#app.engine, spec, { recreate, command })) };
  }

  async #file(typed: string): Promise<string> {
    const { env } = this.#app.engine;
    return typedPath(typed === '' ? await findFolderConfig(process.cwd(), env) : typed, env);
  }

  async #spec(file: string): Promise<ClusterSpec> {
    const { env } = this.#app.engine;
    const stdin = () => Promise.reject(new K3duiError({ code: 'CONFIG_MISSING', message: 'give the path of a file' }));
    const { config, files } = await loadConfig(file, { env, stdin });
    return specFromConfig(overrideFromEnvironment(config, env), files, defaultClusterSpec(DEFAULT_K3S_IMAGE));
  }

  /** Opens a screen whose text has to be read first. */
  #show(place: Place, read: () => Promise<string[]>): void {
    const app = this.#app;
    const key = placeKey(place);
    app.store.dispatch({ type: 'document', document: { key, lines: undefined } });
    if (CLUSTER_SCREENS.includes(app.place.screen)) app.open(place);
    else app.store.dispatch({ type: 'navigate', change: from => goTo(from, [...HOME, place]) });
    read().then(
      lines => app.store.dispatch({ type: 'document', document: { key, lines } }),
      error => app.store.dispatch({ type: 'document', document: { key, lines: [], error: toK3duiError(error) } }),
    );
  }
}

function commandOf({ cluster, secret }: Export, path: string): string {
  return commandLine`k3dui cluster export ${cluster} -o ${path} ${secret ? ['--with-token'] : []}`;
}

/** There are no flags here. */
function withoutFlag(error: unknown): unknown {
  const { code, message } = toK3duiError(error);
  return code === 'FILE_EXISTS' ? new K3duiError({ code, message, hint: 'give another name' }) : error;
}
