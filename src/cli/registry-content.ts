import { parseImage } from '../config/image.ts';
import type { Plan } from '../engine/plan.ts';
import {
  createdOf,
  platformsText,
  RegistryBrowser,
  type RepositoryRow,
  type TagRow,
} from '../engine/registry/browse.ts';
import { planCollect, planCopy, planPush, planTagDelete, requireUrl } from '../engine/registry/content-plans.ts';
import { type Registry, settingsOf } from '../engine/registry/model.ts';
import { type ImageName, referencesOf } from '../engine/registry/references.ts';
import { K3duiError } from '../errors.ts';
import { formatAge, formatBytes, sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { clusterNamed, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { printPlan } from './print-plan.ts';
import { type RegistryListFlags, registryNamed } from './registry-list.ts';
import { conclude, runPlans } from './run-plans.ts';
import { formatTable } from './table.ts';

interface DryRunFlags {
  dryRun?: boolean;
  output?: string;
}

export interface PushFlags extends DryRunFlags {
  as?: string;
}

export interface DeleteTagFlags extends DryRunFlags {
  collect?: boolean;
}

export interface CollectFlags extends DryRunFlags {
  untagged?: boolean;
}

export interface CopyFlags extends DryRunFlags {
  cluster?: string[];
}

/** `registry browse NAME [REPOSITORY]`. */
export async function listContent(run: Run<RegistryListFlags>): Promise<undefined> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const { registry, where } = await named(run);
  const { signal } = io.interrupts;
  const browser = new RegistryBrowser(requireUrl(registry, where));
  const { name } = registry.node;
  try {
    const [, repository] = args;
    const shown = repository
      ? tagTable(await tagsOf(browser, name, repository, signal), Date.now())
      : repositoryTable(await allOf(browser.repositories({ signal })));
    if (format) await printStructured(io.stdout, format, shown.rows);
    else io.stdout.write(formatTable(flags.headers === false ? shown.cells : [shown.head, ...shown.cells]));
  } finally {
    browser.close();
  }
}

async function tagsOf(
  browser: RegistryBrowser,
  registry: string,
  repository: string,
  signal: AbortSignal,
): Promise<TagRow[]> {
  const tags = await browser.tags(repository, { signal });
  if (tags.length === 0) {
    throw new K3duiError({
      code: 'REPOSITORY_UNKNOWN',
      message: `registry ${registry} has no repository '${repository}', or no tag is left in it`,
      hint: `see what it has: k3dui registry browse ${registry}`,
    });
  }
  return allOf(browser.manifests(repository, tags, { signal }));
}

async function allOf<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

interface Shown {
  rows: object[];
  head: string[];
  cells: string[][];
}

function repositoryTable(rows: RepositoryRow[]): Shown {
  const cells = rows.map(({ repository, tags }) => [repository, tags.join(', ') || '-'].map(sanitise));
  return { rows, head: ['REPOSITORY', 'TAGS'], cells };
}

function tagTable(rows: TagRow[], now: number): Shown {
  const cells = rows.map(({ tag, manifest, error }) => {
    if (!manifest) return [tag, '-', '-', error ?? '-', '-'].map(sanitise);
    const created = createdOf(manifest);
    return [
      tag,
      manifest.size === undefined ? '-' : formatBytes(manifest.size),
      manifest.digest.slice(0, 19),
      platformsText(manifest) || '-',
      created === undefined ? '-' : formatAge(now / 1000 - created),
    ].map(sanitise);
  });
  return {
    rows: rows.map(({ manifest, ...row }) => ({ ...row, ...manifest })),
    head: ['TAG', 'SIZE', 'DIGEST', 'PLATFORMS', 'AGE'],
    cells,
  };
}

/** `registry push NAME IMAGE…`. */
export async function pushImages(run: Run<PushFlags>): Promise<number> {
  const { args, flags } = run;
  const images = args.slice(1);
  if (flags.as && images.length > 1) {
    throw new K3duiError({ code: 'USAGE', message: '--as names one image, several were given' });
  }
  const as = flags.as && textOf(imageNamed(flags.as));
  const { registry } = await named(run);
  const plan = planPush(
    registry,
    images.map(image => ({ image, ...(as && { as }) })),
  );
  return carryOut(run, plan, `Pushed to '${sanitise(registry.node.name)}': ${images.map(sanitise).join(', ')}`);
}

/** `registry delete-tag NAME IMAGE…`. */
export async function deleteTags(run: Run<DeleteTagFlags>): Promise<number> {
  const { args, flags } = run;
  const { registry, where, settings } = await named(run);
  const images = args.slice(1).map(text => imageNamed(text, registry));
  const plan = planTagDelete(registry, images, await settings(), where, { collect: flags.collect });
  return carryOut(run, plan, `Deleted from '${sanitise(registry.node.name)}': ${images.map(textOf).join(', ')}`);
}

/** `registry collect NAME`. */
export async function collectGarbage(run: Run<CollectFlags>): Promise<number> {
  const { registry, where, settings } = await named(run);
  const plan = planCollect(registry, await settings(), where, run.flags.untagged ?? true);
  return carryOut(run, plan, `Collected the garbage of '${sanitise(registry.node.name)}'`);
}

/** `registry copy NAME IMAGE… -c CLUSTER`. */
export async function copyImages(run: Run<CopyFlags>): Promise<number> {
  const { args, flags, io } = run;
  if (!flags.cluster || flags.cluster.length === 0) {
    throw new K3duiError({ code: 'USAGE', message: 'no cluster is named', hint: 'say which: --cluster NAME' });
  }
  const { engine, registry, snapshot } = await named(run);
  const images = args.slice(1).map(text => imageNamed(text, registry));
  const clusters = [...new Set(flags.cluster)].map(name => clusterNamed(snapshot, name));
  const plans = clusters.map(cluster => ({ name: cluster.name, plan: planCopy(registry, images, cluster) }));
  if (flags.dryRun) {
    for (const { plan } of plans) await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const texts = images.map(textOf).join(', ');
  const outcomes = await runPlans(run, engine, plans, name =>
    run.log.info(`Copied into '${sanitise(name)}': ${texts}`),
  );
  return conclude(run, outcomes);
}

/** `REPOSITORY[:TAG]`, with or without one of the registry's own names in front. Throws IMAGE_INVALID. */
export function imageNamed(text: string, registry?: Registry): ImageName {
  const own = registry ? referencesOf(registry).map(reference => `${reference.text}/`) : [];
  const prefix = own.find(each => text.startsWith(each)) ?? '';
  const bare = text.slice(prefix.length);
  // In front of a name without any registry stands Docker Hub's.
  const image = parseImage(bare);
  if (image.digest !== undefined || image.registry !== 'docker.io' || /^(index\.)?docker\.io\//.test(bare)) {
    throw new K3duiError({
      code: 'IMAGE_INVALID',
      message: `'${text}' is no image in a registry`,
      hint: 'write REPOSITORY[:TAG] without another registry and without a digest, for example team/app:v1',
    });
  }
  const repository = bare.includes('/') ? image.repository : image.repository.replace(/^library\//, '');
  return { repository, tag: image.tag ?? 'latest' };
}

const textOf = ({ repository, tag }: ImageName): string => `${repository}:${tag}`;

/** The registry that the first argument names, and what plans about it need. */
async function named(run: Run<object>) {
  const engine = await run.engine();
  const { signal } = run.io.interrupts;
  const snapshot = await picture(engine, signal);
  const registry = registryNamed(snapshot, run.args[0] ?? '');
  const where = { endpoint: engine.docker.endpoint, env: engine.env };
  const settings = async () => settingsOf(await engine.docker.inspectContainer(registry.node.id, { signal }));
  return { engine, snapshot, registry, where, settings };
}

async function carryOut(run: Run<DryRunFlags>, plan: Plan, said: string): Promise<number> {
  const { flags, io, log } = run;
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const outcomes = await runPlans(run, await run.engine(), [{ name: plan.title, plan }], () => log.info(said));
  return conclude(run, outcomes);
}
