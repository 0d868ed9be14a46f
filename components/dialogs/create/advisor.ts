import { type ClusterSpec, DEFAULT_CLUSTER_NAME, defaultClusterSpec } from '../../../src/config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE } from '../../../src/config/default-image.ts';
import { k3sVersionOf, normaliseImage } from '../../../src/config/image.ts';
import { checkClusterSpec, factsForCreate, planClusterCreate } from '../../../src/engine/cluster/create.ts';
import { type Facts, gatherFacts, type ImageFact } from '../../../src/engine/cluster/facts.ts';
import { compatibilityHint, publishedK3s } from '../../../src/engine/cluster/k3s-versions.ts';
import { lastRequest } from '../../../src/engine/cluster/last-request.ts';
import { readCluster } from '../../../src/engine/cluster/reading.ts';
import { planClusterRecreate, withoutCluster } from '../../../src/engine/cluster/recreate.ts';
import { specOf } from '../../../src/engine/cluster/spec-of.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Cluster } from '../../../src/engine/model.ts';
import type { Plan } from '../../../src/engine/plan.ts';
import { K3duiError, toK3duiError } from '../../../src/errors.ts';
import { errorText } from '../../error-text.ts';
import { freeName } from '../free-name.ts';
import type { NamedProblem } from './problems.ts';

/** What the last cluster was made of, under a name that is free; or why that is not known. */
export type LastTime = { spec: ClusterSpec; missing: readonly string[] } | { problem: string };

/** What the form begins with. */
export interface Start {
  spec: ClusterSpec;
  images: readonly string[];
  networks: readonly string[];
  last?: LastTime;
}

/** What the create form wants to know of the world. */
export interface Advisor {
  /** A spec with likely answers: a free name, an image that Docker has. Of a cluster to be made anew its own. */
  initial(signal: AbortSignal): Promise<Start>;
  check(spec: ClusterSpec, signal: AbortSignal): Promise<readonly NamedProblem[]>;
  plan(spec: ClusterSpec, signal: AbortSignal): Promise<Plan>;
  /** Published k3s images, newest first. */
  versions(signal: AbortSignal): Promise<string[]>;
  /** What speaks against an image on this engine, in a few words. */
  hint(image: string): string | undefined;
}

/**
 * Asks an engine for the create form. What an image is, is asked once per form: words like `stable` cost a web request.
 * @param replaced name of a cluster in whose place the new one comes
 */
export function createAdvisor(engine: Engine, replaced?: string): Advisor {
  const known = new Map<string, ImageFact>();
  /** What cannot be made again of the one that is replaced. */
  let notes: string[] = [];
  const clusterNamed = (name: string): Cluster => {
    const found = engine.inventory.snapshot.clusters.find(cluster => cluster.name === name);
    if (found) return found;
    throw new K3duiError({ code: 'CLUSTER_UNKNOWN', message: `cluster ${name} is gone`, hint: 'create one instead' });
  };
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
      const offers = { images, networks: networks.map(network => network.Name).filter(name => name !== 'none') };
      if (replaced) {
        const reading = await readCluster(engine, clusterNamed(replaced), { signal });
        const { spec, notes: found } = specOf(reading, { token: true });
        notes = found;
        return { ...offers, spec };
      }
      const last = await lastTime(engine.env, taken);
      const spec = { ...defaultClusterSpec(likelyImage(images)), name: freeName(DEFAULT_CLUSTER_NAME, taken) };
      return { ...offers, spec, ...(last ? { last } : {}) };
    },
    async check(spec, signal) {
      if (!replaced) return checkClusterSpec(spec, await facts(spec, signal));
      const renamed: NamedProblem = {
        field: 'name',
        message: `${replaced} keeps its name when it is made anew`,
        hint: 'for another name, create or clone a cluster instead',
        severity: 'error',
      };
      const found = checkClusterSpec(spec, withoutCluster(clusterNamed(replaced), await facts(spec, signal)));
      return spec.name === replaced ? found : [renamed, ...found];
    },
    async plan(spec, signal) {
      if (!replaced) return planClusterCreate(spec, await facts(spec, signal));
      const plan = planClusterRecreate(spec, clusterNamed(replaced), await facts(spec, signal));
      return { ...plan, warnings: [...plan.warnings, ...notes] };
    },
    // The demo is for looking around: it asks nobody.
    versions: signal => (engine.docker.endpoint.demo ? Promise.resolve([]) : publishedK3s({ signal })),
    hint: image => compatibilityHint(image, engine.inventory.snapshot.engine?.cgroupVersion),
  };
}

async function lastTime(env: NodeJS.ProcessEnv, taken: readonly string[]): Promise<LastTime | undefined> {
  try {
    const last = await lastRequest(env);
    if (!last) return undefined;
    const { name } = last.spec;
    return { ...last, spec: { ...last.spec, name: freeName(name, taken) } };
  } catch (error) {
    return { problem: errorText(toK3duiError(error)) };
  }
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
