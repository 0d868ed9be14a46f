import type { K3duiError } from '../../errors.ts';
import { accessOf } from '../../kubernetes/access.ts';
import { Api } from '../../kubernetes/api.ts';
import { TRAFFIC, type TrafficKinds } from '../../kubernetes/traffic.ts';
import { READ } from '../../kubernetes/traffic-read.ts';
import { type RawObject, watchAll } from '../../kubernetes/watch.ts';

type Kind = keyof TrafficKinds;

/** What a cluster's Kubernetes has on the way of traffic, by `namespace/name`. Immutable: news make a new one. */
export type Traffic = { readonly [Of in Kind]: ReadonlyMap<string, TrafficKinds[Of]> };

export const NO_TRAFFIC: Traffic = {
  services: new Map(),
  ingresses: new Map(),
  ingressRoutes: new Map(),
  ingressClasses: new Map(),
  slices: new Map(),
  balancers: new Map(),
};

export const KINDS = Object.keys(TRAFFIC) as Kind[];

export const keyOf = ({ metadata }: RawObject): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

/** What is told of one cluster. */
export interface TrafficView {
  traffic: Traffic;
  /** Every kind was listed once. */
  complete: boolean;
  /** Why it cannot be followed at the moment; what was learnt before stays. */
  error?: K3duiError;
}

/** News that come together are told together, in milliseconds. */
const TELL_EVERY = 50;
/** The lists come side by side: so long is the first picture waited for, that nothing in it lacks only because its list is on the way. */
const FIRST_PICTURE = 250;

/**
 * Follows everything that traffic of one cluster goes through, over one set of connections, until `close`. What is told
 * anew are new maps with the same objects in them but for those that changed.
 */
export class TrafficWatch {
  #view: TrafficView = { traffic: NO_TRAFFIC, complete: false };
  readonly #api: Api;
  readonly #abort = new AbortController();
  readonly #onNews: (view: TrafficView) => void;
  readonly #listed = new Set<Kind>();
  readonly #failing = new Map<Kind, K3duiError>();
  /** Maps that changed since they were told last. */
  readonly #fresh = new Map<Kind, Map<string, unknown>>();
  #telling: NodeJS.Timeout | undefined;

  /** `kubeconfig`: its text. Throws KUBECONFIG_INVALID. */
  constructor(kubeconfig: string, onNews: (view: TrafficView) => void) {
    const access = accessOf(kubeconfig);
    this.#api = new Api(access);
    this.#onNews = onNews;
    for (const kind of KINDS) {
      const handlers = {
        listed: (objects: readonly RawObject[]) => this.#list(kind, objects),
        changed: (type: string, object: RawObject) => this.#change(kind, type, object),
        following: () => {
          if (this.#failing.delete(kind)) this.#tellSoon();
        },
        failed: (error: K3duiError) => {
          this.#failing.set(kind, error);
          this.#tellSoon();
        },
      };
      void watchAll(this.#api, access.server, TRAFFIC[kind], handlers, this.#abort.signal);
    }
  }

  get view(): TrafficView {
    return this.#view;
  }

  /** Closes every connection; nothing is told any more. */
  close(): void {
    this.#abort.abort();
    this.#api.close();
    clearTimeout(this.#telling);
  }

  #list(kind: Kind, objects: readonly RawObject[]): void {
    this.#fresh.set(kind, new Map(objects.map(object => [keyOf(object), READ[kind](object)])));
    this.#listed.add(kind);
    this.#failing.delete(kind);
    // The first picture is told as soon as it is whole.
    if (!this.#view.complete && this.#listed.size === KINDS.length) this.#tell();
    else this.#tellSoon();
  }

  #change(kind: Kind, type: string, object: RawObject): void {
    const map = this.#fresh.get(kind) ?? new Map<string, unknown>(this.#view.traffic[kind]);
    if (type === 'DELETED') map.delete(keyOf(object));
    else map.set(keyOf(object), READ[kind](object));
    this.#fresh.set(kind, map);
    this.#failing.delete(kind);
    this.#tellSoon();
  }

  #tellSoon(): void {
    const wait = this.#listed.size === KINDS.length ? TELL_EVERY : FIRST_PICTURE;
    this.#telling ??= setTimeout(() => this.#tell(), wait);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    if (this.#abort.signal.aborted) return;
    const traffic = { ...this.#view.traffic, ...Object.fromEntries(this.#fresh) } as Traffic;
    this.#fresh.clear();
    const [error] = this.#failing.values();
    this.#view = { traffic, complete: this.#listed.size === KINDS.length, ...(error && { error }) };
    this.#onNews(this.#view);
  }
}
