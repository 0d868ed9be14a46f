import type { ImageSummary } from '../src/docker/types.ts';
import { gatherImportFacts, gatherNodes } from '../src/engine/image/facts.ts';
import { type BuildStep, readHistory } from '../src/engine/image/history.ts';
import { type ImportRequest, planImport } from '../src/engine/image/import.ts';
import type { ImageRow } from '../src/engine/image/matrix.ts';
import { k3sNodes } from '../src/engine/image/node-images.ts';
import { planImagePull } from '../src/engine/image/pull.ts';
import { type ImagePicture, readImagePicture } from '../src/engine/image/read-matrix.ts';
import { planImageRemove } from '../src/engine/image/remove.ts';
import { planImageVerify } from '../src/engine/image/verify.ts';
import type { Cluster, Node } from '../src/engine/model.ts';
import type { Plan } from '../src/engine/plan.ts';
import { type K3duiError, toK3duiError } from '../src/errors.ts';
import type { Controller } from './controller.ts';
import { Latest } from './state/latest.ts';
import { Listeners } from './state/listeners.ts';
import type { Place } from './state/navigation.ts';

/** What the nodes hold, as it was read last. Immutable: news makes a new one. */
export interface ImagesView {
  /** Name of the cluster or of the node that it is about; undefined: all clusters. */
  subject: string | undefined;
  picture: ImagePicture | undefined;
  looking: boolean;
  error: K3duiError | undefined;
}

/** What the app does with images: looks into the nodes while the screen is shown; imports, pulls, removes, verifies. */
export class ImageWork {
  view: ImagesView = { subject: undefined, picture: undefined, looking: false, error: undefined };
  readonly #app: Controller;
  readonly #listeners = new Listeners();
  readonly subscribe = this.#listeners.subscribe;
  /** When images were built, by id. */
  readonly #built = new Map<string, number>();
  readonly #looking = new Latest();

  constructor(app: Controller) {
    this.#app = app;
  }

  /** Asks the nodes anew; what is shown stays until they have answered. */
  look(subject: string | undefined): void {
    const signal = this.#looking.begin();
    const set = (change: Partial<ImagesView>): void => {
      if (signal.aborted) return;
      this.view = { ...this.view, ...change };
      this.#listeners.tell();
    };
    set({ subject, looking: true, ...(subject !== this.view.subject && { picture: undefined, error: undefined }) });
    readImagePicture(this.#app.engine.docker, this.nodes(subject), this.#built, { signal }).then(
      picture => set({ picture, looking: false, error: undefined }),
      error => set({ looking: false, error: toK3duiError(error) }),
    );
  }

  /** Nobody looks any more. */
  hide(): void {
    this.#looking.end();
    this.view = { ...this.view, looking: false };
  }

  /** The nodes that a screen is about. */
  nodes(subject: string | undefined): Node[] {
    const { clusters, nodes } = this.#app.snapshot;
    const node = nodes.find(({ name, role }) => name === subject && (role === 'server' || role === 'agent'));
    if (node) return [node];
    return clusters.filter(({ name }) => subject === undefined || name === subject).flatMap(k3sNodes);
  }

  /** The clusters that a place is about, with something running first. */
  clusters(place: Place): Cluster[] {
    const { clusters } = this.#app.snapshot;
    const named = new Set(
      this.nodes(place.screen === 'images' ? place.subject : undefined).map(({ cluster }) => cluster),
    );
    const about = clusters.filter(({ name }) => named.has(name));
    return [...about].sort((a, b) => Number(b.serversRunning > 0) - Number(a.serversRunning > 0));
  }

  /** The marked images, or the selected one. */
  chosen(place: Place): ImageRow[] {
    return place.screen === 'images' ? (this.#app.chosenRows(place) as ImageRow[]) : [];
  }

  /** Docker's images, newest first, those without a name left out. */
  async inDocker(signal: AbortSignal): Promise<ImageSummary[]> {
    const images = await this.#app.engine.docker.listImages({ signal });
    return images
      .filter(({ RepoTags }) => RepoTags?.some(tag => !tag.includes('<none>')))
      .sort((a, b) => b.Created - a.Created);
  }

  /** How an image was built, as one of the nodes tells that hold the most frequent version of it. */
  history({ held, ids }: ImageRow, signal: AbortSignal): Promise<BuildStep[]> {
    const { node, id } = held.find(one => one.id === ids[0])!;
    return readHistory(this.#app.engine.docker, node, id, { signal });
  }

  /** Exactly what an import would do. */
  async planImport(request: ImportRequest, signal?: AbortSignal): Promise<Plan> {
    const clusters = this.#app.snapshot.clusters.filter(({ name }) => request.clusters.includes(name));
    return planImport(request, await gatherImportFacts(this.#app.engine, clusters, request, { signal }));
  }

  /** Carries out the plan that was looked at; a repetition plans anew. */
  import(plan: Plan, request: ImportRequest): void {
    this.#app.runner.carryOut({ plan, again: () => this.planImport(request) });
  }

  /** Brings the chosen images up to what Docker has, in their clusters; after a preview. */
  openUpdate(rows: readonly ImageRow[]): void {
    const clusters = [...new Set(rows.flatMap(({ held }) => held.map(({ cluster }) => cluster)))];
    const request = { clusters, images: rows.map(({ name }) => name), files: [], stdin: false };
    this.#ask('import', () => this.planImport(request), 'Import', false);
  }

  openRemove(rows: readonly ImageRow[], place: Place): void {
    const nodes = this.nodes(place.subject);
    const request = {
      images: rows.map(({ name, key }) => (name === '<none>' ? key : name)),
      where: this.#where(place),
    };
    const plan = async () => planImageRemove(request, await gatherNodes(this.#app.engine, nodes, {}));
    this.#ask('remove', plan, 'Remove', true);
  }

  openPull(images: readonly string[], place: Place): void {
    const nodes = this.nodes(place.subject).map(({ name, cluster, running }) => ({ node: name, cluster, running }));
    const plan = async () => planImagePull({ images: [...images], where: this.#where(place) }, nodes);
    this.#ask('pull', plan, 'Pull', false);
  }

  verify(rows: readonly ImageRow[], place: Place): void {
    const nodes = this.nodes(place.subject);
    const request = { images: rows.map(({ name }) => name), where: this.#where(place) };
    const plan = async () => planImageVerify(request, await gatherNodes(this.#app.engine, nodes, {}));
    this.#app.runner.begin('verify', [plan]);
  }

  #ask(what: string, make: () => Promise<Plan>, label: string, destructive: boolean): void {
    const meanwhile = 'asking the nodes';
    this.#app.plans.ask({ what, meanwhile, make, again: make, label, destructive, marked: true });
  }

  /** How a command line says where, for nodes or a cluster; all clusters are named one by one. */
  #where({ subject }: Place): string[] {
    const { nodes, clusters } = this.#app.snapshot;
    if (nodes.some(({ name }) => name === subject)) return ['--node', subject!];
    const names = subject === undefined ? clusters.map(({ name }) => name) : [subject];
    return names.flatMap(name => ['-c', name]);
  }
}
