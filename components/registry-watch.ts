import { RegistryBrowser, type RepositoryRow, type TagRow } from '../src/engine/registry/browse.ts';
import { requireUrl } from '../src/engine/registry/content-plans.ts';
import { type Registry, type RegistrySettings, registriesOf, settingsOf } from '../src/engine/registry/model.ts';
import { type ImageName, type Proof, proveReference, referencesOf } from '../src/engine/registry/references.ts';
import { K3duiError, toK3duiError } from '../src/errors.ts';
import type { Controller } from './controller.ts';
import { Latest } from './state/latest.ts';
import { Listeners } from './state/listeners.ts';
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

/** Reads registries and tries their references for whoever looks at them; asks nothing while nobody looks. */
export class RegistryWatch {
  view: RegistryView = NO_REGISTRY_VIEW;
  readonly #app: Controller;
  readonly #listeners = new Listeners();
  readonly subscribe = this.#listeners.subscribe;
  #looking: AbortController | undefined;
  readonly #browsing = new Latest();

  constructor(app: Controller) {
    this.#app = app;
  }

  #set(change: Partial<RegistryView>): void {
    this.view = { ...this.view, ...change };
    this.#listeners.tell();
  }

  get #all(): Registry[] {
    return registriesOf(this.#app.snapshot);
  }

  /** Reads the settings of registries that were not read yet. */
  look(): void {
    const { docker } = this.#app.engine;
    this.#looking ??= new AbortController();
    const { signal } = this.#looking;
    for (const { node } of this.#all) {
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
    const registry = this.#all.find(({ node }) => node.name === name);
    const signal = this.#browsing.begin();
    const subject = placeKey(place);
    const same = subject === this.view.subject;
    this.#set({ subject, reading: true, error: undefined, ...(same ? {} : { repositories: [], tags: [] }) });
    const set = (change: Partial<RegistryView>) => {
      if (!signal.aborted) this.#set(change);
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
        set({ reading: false, error: toK3duiError(error) });
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
    this.#browsing.end();
    // Much may happen until somebody looks again.
    this.view = { ...this.view, proofs: new Map() };
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
