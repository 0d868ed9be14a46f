import { isEmptyPlan, type Plan } from '../src/engine/plan.ts';
import type { RepositoryRow, TagRow } from '../src/engine/registry/browse.ts';
import { gatherConnectFacts, planRegistryConnect, planRegistryDisconnect } from '../src/engine/registry/connect.ts';
import { planCollect, planCopy, planPush, planTagDelete } from '../src/engine/registry/content-plans.ts';
import { gatherRegistryFacts, planRegistryCreate, type RegistryRequest } from '../src/engine/registry/create.ts';
import { gatherRegistryDeleteFacts, planRegistryDelete } from '../src/engine/registry/delete.ts';
import { type Registry, type RegistrySettings, registriesOf, settingsOf } from '../src/engine/registry/model.ts';
import { planRegistryRestart, planRegistryStart, planRegistryStop } from '../src/engine/registry/power.ts';
import type { ImageName } from '../src/engine/registry/references.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { tagsSubject } from './registry-watch.ts';
import type { Place } from './state/navigation.ts';

/** What the app does with registries and the images in them. */
export class RegistryWork {
  readonly #app: Controller;

  constructor(app: Controller) {
    this.#app = app;
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
    return place.screen === 'registries' ? (this.#app.chosenRows(place) as Registry[]) : [];
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
    return (this.#app.chosenRows(place) as TagRow[]).map(({ repository, tag }) => ({ repository, tag }));
  }

  start(registries: readonly Registry[]): void {
    this.#begin(registries, now => planRegistryStart(now, this.#app.engine));
  }

  restart(registries: readonly Registry[]): void {
    this.#begin(registries, now => planRegistryRestart(now, this.#app.engine));
  }

  askStop(registries: readonly Registry[]): void {
    this.#ask('stop', false, registries, async now => planRegistryStop(now));
  }

  askDelete(registries: readonly Registry[]): void {
    this.#ask('delete', true, registries, async now => {
      const { engine, snapshot } = this.#app;
      return planRegistryDelete(await gatherRegistryDeleteFacts(engine.docker, now, snapshot.clusters));
    });
  }

  askConnect(registry: Registry, cluster: string): void {
    this.#askOne('connect', false, registry, async now =>
      planRegistryConnect(now, await this.#connectFacts(now, cluster)),
    );
  }

  askDisconnect(registry: Registry, cluster: string): void {
    this.#askOne('disconnect', true, registry, async now =>
      planRegistryDisconnect(now, await this.#connectFacts(now, cluster)),
    );
  }

  #connectFacts(registry: Registry, cluster: string) {
    return gatherConnectFacts(this.#app.engine, registry, this.#app.work.named([cluster]));
  }

  askPush(registry: Registry, image: string): void {
    this.#askOne('push', false, registry, async now => planPush(now, [{ image }]));
  }

  askCopy(registry: Registry, images: readonly ImageName[], cluster: string): void {
    const [found] = this.#app.work.named([cluster]);
    if (!found) return;
    this.#askOne('copy', false, registry, async now =>
      planCopy(now, images, this.#app.work.named([cluster])[0] ?? found),
    );
  }

  askDeleteTags(registry: Registry, images: readonly ImageName[], collect: boolean): void {
    this.#askOne('delete', true, registry, async now =>
      planTagDelete(now, images, await this.#settings(now), this.#where, { collect }),
    );
  }

  askCollect(registry: Registry): void {
    this.#askOne('collect', true, registry, async now =>
      planCollect(now, await this.#settings(now), this.#where, true),
    );
  }

  async #settings({ node }: Registry): Promise<RegistrySettings> {
    return settingsOf(await this.#app.engine.docker.inspectContainer(node.id));
  }

  /** From where registries are reached. */
  get #where() {
    const { docker, env } = this.#app.engine;
    return { endpoint: docker.endpoint, env };
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

  #askOne(verb: string, destructive: boolean, registry: Registry, make: (now: Registry) => Promise<Plan>): void {
    this.#ask(verb, destructive, [registry], ([now]) => make(now ?? registry));
  }

  /** Shows the plan and asks. `make` gets the registries as they are then: a repetition comes later. */
  #ask(
    verb: string,
    destructive: boolean,
    registries: readonly Registry[],
    make: (now: Registry[]) => Promise<Plan>,
  ): void {
    const label = verb[0]!.toUpperCase() + verb.slice(1);
    const plan = () => make(this.#now(registries));
    this.#app.plans.ask({ what: verb, make: plan, again: plan, label, destructive, marked: true });
  }

  /** Nothing is lost by it: not asked about. */
  #begin(registries: readonly Registry[], make: (now: Registry[]) => Plan): void {
    const plan = make(this.#now(registries));
    if (isEmptyPlan(plan)) this.#app.say('good', `${sanitise(plan.title)}: it is so already`);
    else this.#app.runner.carryOut({ plan, again: async () => make(this.#now(registries)) });
  }

  /** As they are now; one that is gone as it was, for Docker to say so. */
  #now(registries: readonly Registry[]): Registry[] {
    return registries.map(old => this.all.find(({ node }) => node.name === old.node.name) ?? old);
  }
}
