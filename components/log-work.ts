import { exportLogs } from '../src/engine/logs/export.ts';
import { formatBytes, sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { proposedPath, saveLog } from './screens/log-actions.ts';
import type { LogView } from './screens/log-view.ts';
import { LogViews, logPlace } from './screens/log-views.ts';
import type { PromptState } from './state/app-state.ts';
import { openPrompt } from './state/prompt.ts';
import { typedPath } from './typed-path.ts';

/** More is not put into a clipboard: terminals refuse it. */
const CLIPBOARD_LIMIT = 100_000;

/** What the app does with logs: opens, searches, copies, saves and exports them. */
export class LogWork {
  readonly #app: Controller;
  readonly #views: LogViews;
  /** What a path is being asked for. */
  #names: readonly string[] = [];

  constructor(app: Controller) {
    this.#app = app;
    this.#views = new LogViews(app.engine.docker, (tone, text) => app.say(tone, sanitise(text)));
  }

  /** The view of the place that is shown, when it shows logs. */
  get view(): LogView | undefined {
    const { place } = this.#app;
    return place.screen === 'logs' ? this.viewOf(place) : undefined;
  }

  viewOf(place: Controller['place']): LogView {
    return this.#views.view(place, this.#app.snapshot.nodes);
  }

  open(names: readonly string[]): void {
    if (names.length > 0) this.#app.open(logPlace(names));
  }

  /** Opens the line in which a search or filter is typed. */
  ask(kind: 'search' | 'keep'): void {
    const { view } = this;
    if (view === undefined) return;
    const text = (kind === 'search' ? view.search?.text : view.filter?.text) ?? '';
    this.#app.store.dispatch({ type: 'prompt', prompt: openPrompt(kind, text) });
  }

  /** Opens the line in which a path is typed, with one proposed. */
  askPath(kind: 'save-log' | 'export-logs', names: readonly string[]): void {
    this.#names = names;
    this.#app.store.dispatch({ type: 'prompt', prompt: openPrompt(kind, proposedPath(kind, names)) });
  }

  /** What is typed in a line about logs, while it is typed and once it is done; undefined: left with Esc. */
  typed(kind: PromptState['kind'], text: string | undefined, done: boolean): void {
    const { view } = this;
    if (kind === 'search') {
      view?.searchFor(text ?? '');
      if (done && text !== undefined) view?.finder.findFirst();
    } else if (kind === 'keep') view?.keepOnly(text ?? '');
    else if (done && text !== undefined && text.trim() !== '') {
      if (kind === 'save-log') void this.#save(text);
      else if (kind === 'export-logs') void this.#export(text);
    }
  }

  copy(): void {
    const { view } = this;
    if (view === undefined) return;
    const { text, lines } = view.copyText();
    if (lines === 0) {
      this.#app.say('warn', 'there is nothing to copy');
      return;
    }
    if (text.length > CLIPBOARD_LIMIT) {
      this.#app.say('warn', `${lines} lines are too much for a clipboard; Ctrl-S saves them to a file`);
      return;
    }
    if (view.position.selection !== undefined) view.clear();
    this.#app.copy(text, `${lines} ${lines === 1 ? 'line' : 'lines'}`);
  }

  async #save(typed: string): Promise<void> {
    const { view } = this;
    if (view === undefined) return;
    const path = typedPath(typed, this.#app.engine.env);
    try {
      const lines = await saveLog(view, this.#names, path);
      this.#app.say('good', `${lines} lines saved to ${sanitise(path)}`);
    } catch (error) {
      this.#app.runner.fail('save', error);
    }
  }

  async #export(typed: string): Promise<void> {
    const { nodes } = this.#app.snapshot;
    const sources = this.#names.map(name => ({ id: nodes.find(node => node.name === name)?.id ?? name, name }));
    const folder = typedPath(typed, this.#app.engine.env);
    this.#app.say('plain', `exporting ${sources.length} logs to ${sanitise(folder)} …`);
    try {
      const files = await exportLogs(this.#app.engine.docker, sources, folder);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      this.#app.say('good', `${files.length} logs, ${formatBytes(bytes)}, in ${sanitise(folder)}`);
    } catch (error) {
      this.#app.runner.fail('export logs', error);
    }
  }
}
