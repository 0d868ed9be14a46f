import { type ClusterSpec, DEFAULT_CLUSTER_NAME, defaultClusterSpec } from '../../../src/config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE } from '../../../src/config/default-image.ts';
import { k3sVersionOf, normaliseImage } from '../../../src/config/image.ts';
import { checkClusterSpec, factsForCreate, planClusterCreate } from '../../../src/engine/cluster/create.ts';
import { type Facts, gatherFacts, type ImageFact } from '../../../src/engine/cluster/facts.ts';
import { compatibilityHint, publishedK3s } from '../../../src/engine/cluster/k3s-versions.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Plan } from '../../../src/engine/plan.ts';
import type { NamedProblem } from './problems.ts';

/** What the create form wants to know of the world. */
export interface Advisor {
  /** A spec with likely answers: a free name, an image that Docker has. */
  initial(signal: AbortSignal): Promise<{ spec: ClusterSpec; images: string[]; networks: string[] }>;
  check(spec: ClusterSpec, signal: AbortSignal): Promise<readonly NamedProblem[]>;
  plan(spec: ClusterSpec, signal: AbortSignal): Promise<Plan>;
  /** Published k3s images, newest first. */
  versions(signal: AbortSignal): Promise<string[]>;
  /** What speaks against an image on this engine, in a few words. */
  hint(image: string): string | undefined;
}

/** Asks an engine for the create form. What an image is, is asked once per form: words like `stable` cost a web request. */
export function createAdvisor(engine: Engine): Advisor {
  const known = new Map<string, ImageFact>();
  const facts = async (spec: ClusterSpec, signal: AbortSignal): Promise<Facts> => {
    const wanted = factsForCreate(spec, engine.env);
    const images = (wanted.images ?? []).filter(image => image !== '' && !known.has(image));
    const found = await gatherFacts(engine, { ...wanted, images }, { signal });
    for (const [image, fact] of found.images) if (!fact.problem) known.set(image, fact);
    return { ...found, images: new Map([...known, ...found.images]) };
  };
  return {
    async initial(signal) {
      const [summaries, networks] = await Promise.all([
        engine.docker.listImages({ signal }),
        engine.docker.listNetworks({}, { signal }),
      ]);
      const tags = summaries.flatMap(image => image.RepoTags ?? []).filter(tag => !tag.includes('<none>'));
      const images = [...tags.filter(isK3s).sort((a, b) => compareVersions(b, a)), ...tags.filter(tag => !isK3s(tag))];
      const taken = engine.inventory.snapshot.clusters.map(cluster => cluster.name);
      const spec = { ...defaultClusterSpec(likelyImage(images)), name: freeName(taken) };
      return { spec, images, networks: networks.map(network => network.Name).filter(name => name !== 'none') };
    },
    check: async (spec, signal) => checkClusterSpec(spec, await facts(spec, signal)),
    plan: async (spec, signal) => planClusterCreate(spec, await facts(spec, signal)),
    // The demo is for looking around: it asks nobody.
    versions: signal => (engine.docker.endpoint.demo ? Promise.resolve([]) : publishedK3s({ signal })),
    hint: image => compatibilityHint(image, engine.inventory.snapshot.engine?.cgroupVersion),
  };
}

const isK3s = (tag: string) => /(^|\/)k3s$/.test(tag.replace(/:[^:/]*$/, ''));

/** The image we would take anyway if Docker has it, else the newest k3s that it has, so that nothing needs to be pulled. */
export function likelyImage(images: readonly string[]): string {
  const have = images.filter(isK3s).sort((a, b) => compareVersions(k3sVersionOf(b), k3sVersionOf(a)));
  return have.find(tag => normaliseImage(tag) === DEFAULT_K3S_IMAGE) ?? have[0] ?? DEFAULT_K3S_IMAGE;
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** k3d's own default name, with a number when it is taken. */
export function freeName(taken: readonly string[]): string {
  for (let number = 2, name = DEFAULT_CLUSTER_NAME; ; name = `${DEFAULT_CLUSTER_NAME}-${number++}`) {
    if (!taken.includes(name)) return name;
  }
}
