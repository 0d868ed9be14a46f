import { isEmptyPlan, type Plan } from '../src/engine/plan.ts';
import { RegistryBrowser, type RepositoryRow, type TagRow } from '../src/engine/registry/browse.ts';
import { gatherConnectFacts, planRegistryConnect, planRegistryDisconnect } from '../src/engine/registry/connect.ts';
import { planCollect, planCopy, planPush, planTagDelete, requireUrl } from '../src/engine/registry/content-plans.ts';
import { gatherRegistryFacts, planRegistryCreate, type RegistryRequest } from '../src/engine/registry/create.ts';
import { gatherRegistryDeleteFacts, planRegistryDelete } from '../src/engine/registry/delete.ts';
import { type Registry, type RegistrySettings, registriesOf, settingsOf } from '../src/engine/registry/model.ts';
import { planRegistryRestart, planRegistryStart, planRegistryStop } from '../src/engine/registry/power.ts';
import { type ImageName, type Proof, proveReference, referencesOf } from '../src/engine/registry/references.ts';
import { isAbort, K3duiError, toK3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { listOf } from './state/app-state.ts';
import { targets } from './state/list.ts';
import { type Place, placeKey } from './state/navigation.ts';

/** A registry and what its container's inspect told. */
export interface RegistryRow extends Registry {
  settings: RegistrySettings | undefined;
}

/** What is known of registries beyond Docker's list. Immutable: news makes a new one. */
export interface RegistryView {
  /** By container id. */
  settings: ReadonlyMap<string, RegistrySettings>;
  /** What is being browsed: `repositories NAME` or `tags NAME REPOSITORY`. */
  subject: string;
  repositories: readonly RepositoryRow[];
  tags: readonly TagRow[];
  reading: boolean;
  error: K3duiError | undefined;
  /** By registry, place and image. */
  proofs: ReadonlyMap<string, Proof | 'trying'>;
}

export const NO_REGISTRY_VIEW: RegistryView = {
  settings: new Map(),
  subject: '',
  repositories: [],
  tags: [],
  reading: false,
  error: undefined,
  proofs: new Map(),
};

/** What the app does with registries: reads and tries what is looked at, and plans what is to be done. */
export class RegistryWork {
  view: RegistryView = NO_REGISTRY_VIEW;
  readonly #app: Controller;
  readonly #listeners = new Set<() => void>();
  #looking: AbortController | undefined;
  #browsing: AbortController | undefined;

  constructor(app: Controller) {
    this.#app = app;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(change: Partial<RegistryView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** All registries as they are now. */
  get all(): Registry[] {
    return registriesOf(this.#app.snapshot);
  }

  /** The marked registries, or the selected one, or the one whose content is looked at. */
  chosen(place: Place): Registry[] {
    const { all } = this;
    if (place.screen === 'repositories') return all.filter(({ node }) => node.name === place.subject);
    if (place.screen === 'tags') return all.filter(({ node }) => node.name === tagsSubject(place).registry);
    if (place.screen !== 'registries') return [];
    const wanted = targets(listOf(this.#app.state, placeKey(place)), this.#app.shaped(place)?.ids ?? []);
    return all.filter(({ node }) => wanted.includes(node.id));
  }

  /** The image that the selected row stands for; of a repository its newest tag. */
  image(place: Place): ImageName | undefined {
    const row = this.#app.selectedRow(place) as (RepositoryRow & TagRow) | undefined;
    if (!row || (place.screen !== 'repositories' && place.screen !== 'tags')) return undefined;
    const { repository, tag = row.tags?.includes('latest') ? 'latest' : row.tags?.at(-1) } = row;
    return tag === undefined ? undefined : { repository, tag };
  }

  /** The marked tags, or the selected one; of a repository the one that stands for it. */
  images(place: Place): ImageName[] {
    const one = this.image(place);
    if (place.screen !== 'tags') return one ? [one] : [];
    const shaped = this.#app.shaped(place);
    const wanted = targets(listOf(this.#app.state, placeKey(place)), shaped?.ids ?? []);
    return ((shaped?.all ?? []) as TagRow[])
      .filter(({ tag }) => wanted.includes(tag))
      .map(({ repository, tag }) => ({ repository, tag }));
  }

  /** Reads the settings of registries that were not read yet. */
  look(): void {
    const { docker } = this.#app.engine;
    this.#looking ??= new AbortController();
    const { signal } = this.#looking;
    for (const { node } of this.all) {
      if (this.view.settings.has(node.id)) continue;
      docker.inspectContainer(node.id, { signal }).then(
        inspect => this.#set({ settings: new Map(this.view.settings).set(node.id, settingsOf(inspect)) }),
        // It is gone, or the engine is: the list shows it.
        () => {},
      );
    }
  }

  /** Reads what a registry holds, for the place that is shown; what was read before stays until then. */
  browse(place: Place): void {
    const name = place.screen === 'tags' ? tagsSubject(place).registry : place.subject;
    const registry = this.all.find(({ node }) => node.name === name);
    this.#browsing?.abort();
    const stop = new AbortController();
    this.#browsing = stop;
    const { signal } = stop;
    const subject = placeKey(place);
    const same = subject === this.view.subject;
    this.#set({ subject, reading: true, error: undefined, ...(same ? {} : { repositories: [], tags: [] }) });
    const set = (change: Partial<RegistryView>) => {
      if (this.#browsing === stop) this.#set(change);
    };
    if (!registry) {
      const gone = new K3duiError({ code: 'REGISTRY_UNKNOWN', message: `there is no registry ${name} any more` });
      set({ reading: false, error: gone });
      return;
    }
    const { docker, env } = this.#app.engine;
    const read = async (): Promise<void> => {
      let browser: RegistryBrowser | undefined;
      try {
        browser = new RegistryBrowser(requireUrl(registry, { endpoint: docker.endpoint, env }));
        if (place.screen === 'repositories') {
          const rows: RepositoryRow[] = [];
          for await (const page of browser.repositories({ signal })) {
            rows.push(...page);
            set({ repositories: [...rows] });
          }
          set({ repositories: rows });
        } else {
          const { repository } = tagsSubject(place);
          const tags = await browser.tags(repository, { signal });
          const rows: TagRow[] = tags.map(tag => this.view.tags.find(row => row.tag === tag) ?? { repository, tag });
          set({ tags: [...rows] });
          let at = 0;
          for await (const some of browser.manifests(repository, tags, { signal })) {
            rows.splice(at, some.length, ...some);
            at += some.length;
            set({ tags: [...rows] });
          }
        }
        set({ reading: false });
      } catch (error) {
        if (!(isAbort(error) && signal.aborted)) set({ reading: false, error: toK3duiError(error) });
      } finally {
        browser?.close();
      }
    };
    void read();
  }

  /** Tries the references of what is selected, unless that was done. */
  prove(registry: Registry, image: ImageName | undefined): void {
    this.#looking ??= new AbortController();
    const { signal } = this.#looking;
    const { docker, env } = this.#app.engine;
    const context = { docker, env, clusters: this.#app.snapshot.clusters };
    for (const { place } of referencesOf(registry, image)) {
      const key = proofKey(registry, place, image);
      if (this.view.proofs.has(key)) continue;
      this.#prove(key, 'trying');
      proveReference(context, registry, place, image, { signal }).then(
        proof => this.#prove(key, proof),
        // Nobody looks any more.
        () => this.#prove(key, undefined),
      );
    }
  }

  #prove(key: string, proof: Proof | 'trying' | undefined): void {
    const proofs = new Map(this.view.proofs);
    if (proof) proofs.set(key, proof);
    else proofs.delete(key);
    this.#set({ proofs });
  }

  /** What was found may be so no more: everything is tried and read again. */
  again(place: Place): void {
    this.#looking?.abort();
    this.#looking = undefined;
    this.#set({ proofs: new Map(), settings: new Map() });
    this.look();
    if (place.screen !== 'registries') this.browse(place);
  }

  /** Nobody looks any more: what runs is ended. */
  hide(): void {
    this.#looking?.abort();
    this.#looking = undefined;
    this.#browsing?.abort();
    this.#browsing = undefined;
    // Much may happen until somebody looks again.
    this.view = { ...this.view, proofs: new Map() };
  }

  start(registries: readonly Registry[]): void {
    this.#begin(() => planRegistryStart(this.#now(registries), this.#app.engine));
  }

  restart(registries: readonly Registry[]): void {
    this.#begin(() => planRegistryRestart(this.#now(registries), this.#app.engine));
  }

  askStop(registries: readonly Registry[]): void {
    this.#ask('stop', false, async () => planRegistryStop(registries));
  }

  askDelete(registries: readonly Registry[]): void {
    const { engine, snapshot } = this.#app;
    this.#ask('delete', true, async () =>
      planRegistryDelete(await gatherRegistryDeleteFacts(engine.docker, registries, snapshot.clusters)),
    );
  }

  askConnect(registry: Registry, cluster: string): void {
    this.#ask('connect', false, async () => planRegistryConnect(registry, await this.#connectFacts(registry, cluster)));
  }

  askDisconnect(registry: Registry, cluster: string): void {
    this.#ask('disconnect', true, async () =>
      planRegistryDisconnect(registry, await this.#connectFacts(registry, cluster)),
    );
  }

  #connectFacts(registry: Registry, cluster: string) {
    return gatherConnectFacts(this.#app.engine, registry, this.#app.work.named([cluster]));
  }

  askPush(registry: Registry, image: string): void {
    this.#ask('push', false, async () => planPush(registry, [{ image }]));
  }

  askCopy(registry: Registry, images: readonly ImageName[], cluster: string): void {
    const [found] = this.#app.work.named([cluster]);
    if (found) this.#ask('copy', false, async () => planCopy(registry, images, found));
  }

  askDeleteTags(registry: Registry, images: readonly ImageName[], collect: boolean): void {
    const { docker, env } = this.#app.engine;
    const where = { endpoint: docker.endpoint, env };
    this.#ask('delete', true, async () => {
      const settings = settingsOf(await docker.inspectContainer(registry.node.id));
      return planTagDelete(registry, images, settings, where, { collect });
    });
  }

  askCollect(registry: Registry): void {
    const { docker, env } = this.#app.engine;
    this.#ask('collect', true, async () => {
      const settings = settingsOf(await docker.inspectContainer(registry.node.id));
      return planCollect(registry, settings, { endpoint: docker.endpoint, env }, true);
    });
  }

  /** Exactly what making this registry would do. */
  async planCreate(request: RegistryRequest, clusters: readonly string[], signal: AbortSignal): Promise<Plan> {
    const { engine, work } = this.#app;
    return planRegistryCreate(request, await gatherRegistryFacts(engine, request, work.named(clusters), { signal }));
  }

  /** Carries out the plan that was looked at; a repetition plans anew. */
  create(plan: Plan, request: RegistryRequest, clusters: readonly string[]): void {
    const again = () => this.planCreate(request, clusters, new AbortController().signal);
    this.#app.runner.carryOut({ plan, again });
  }

  /** Shows the plan and asks. */
  #ask(verb: string, destructive: boolean, make: () => Promise<Plan>): void {
    const label = verb[0]!.toUpperCase() + verb.slice(1);
    this.#app.plans.ask({ what: verb, make, again: make, label, destructive, marked: true });
  }

  /** As they are now; one that is gone as it was, for Docker to say so. */
  #now(registries: readonly Registry[]): Registry[] {
    return registries.map(old => this.all.find(({ node }) => node.name === old.node.name) ?? old);
  }

  #begin(makePlan: () => Plan): void {
    const plan = makePlan();
    if (isEmptyPlan(plan)) this.#app.say('good', `${sanitise(plan.title)}: it is so already`);
    else this.#app.runner.carryOut({ plan, again: async () => makePlan() });
  }
}

/** What the tags screen is about: `NAME REPOSITORY`; a registry's name has no spaces. */
export function tagsSubject({ subject = '' }: Place): { registry: string; repository: string } {
  const space = subject.indexOf(' ');
  return { registry: subject.slice(0, space), repository: subject.slice(space + 1) };
}

export function proofKey(registry: Registry, place: string, image: ImageName | undefined): string {
  const { node, clusters } = registry;
  return [node.id, node.state, clusters.join(), place, image ? `${image.repository}:${image.tag}` : ''].join(' ');
}
