import { existsSync, statSync } from 'node:fs';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { gatherImportFacts } from '../engine/image/facts.ts';
import { type ImportRequest, planImport } from '../engine/image/import.ts';
import { fullName } from '../engine/image/names.ts';
import { isEmptyPlan } from '../engine/plan.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { DryRunFlags, Run } from './command.ts';
import type { Io } from './io.ts';
import { clusterNamed, picture } from './picture.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface ImageImportFlags extends DryRunFlags {
  cluster?: string[];
  retag?: string;
  unpack?: boolean;
  mode?: string;
  keepTarball?: boolean;
  keepTools?: boolean;
}

/** k3d takes the first three, and says in its help `tools` for the third. pkg/types/types.go, ImportModes. */
const MODES = ['auto', 'direct', 'tools-node', 'tools'];

/** `image import IMAGE|ARCHIVE|-…`. k3d cmd/image/imageImport.go. */
export async function importImages(run: Run<ImageImportFlags>): Promise<number> {
  const { flags, io, log } = run;
  if (flags.mode !== undefined && !MODES.includes(flags.mode)) {
    throw new K3duiError({
      code: 'USAGE',
      message: `Unknown image loading mode '${sanitise(flags.mode)}'`,
      hint: `one of ${MODES.join(', ')}`,
    });
  }
  if (flags.keepTarball) log.info('There is no tarball to keep: images are streamed into the nodes');
  if (flags.keepTools) log.info('There is no tools node to keep');
  const request = requestFrom(run.args, flags);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const clusters = request.clusters.map(name => clusterNamed(snapshot, name));
  const facts = await gatherImportFacts(engine, clusters, request, { signal });
  const plan = planImport(request, facts);
  const count = request.images.length + request.files.length + (request.stdin ? 1 : 0);
  const done = (): void => {
    if (isEmptyPlan(plan)) log.info('Nothing to do: all nodes hold that already');
    log.info(`Successfully imported ${count} image(s) into ${clusters.length} cluster(s)`);
  };
  for (const { name } of flags.dryRun ? [] : clusters) log.info(sanitise(`Importing image(s) into cluster '${name}'`));
  const stdin = request.stdin ? standardInput(io) : undefined;
  return conclude(run, await runPlans(run, engine, [{ name: clusters[0]!.name, plan }], done, { stdin }));
}

/** A file of that name wins over an image, as in k3d. Throws USAGE, IMAGE_INVALID. */
function requestFrom(args: string[], flags: ImageImportFlags): ImportRequest {
  const words = [...new Set(args)];
  if (words.length === 0) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'No images specified!',
      hint: 'name images in Docker, archives, or - for standard input',
    });
  }
  const files = words.filter(isFile);
  const images = words.filter(word => word !== '-' && !files.includes(word));
  const request = {
    clusters: [...new Set(flags.cluster ?? [DEFAULT_CLUSTER_NAME])],
    // Two spellings of one name are one image.
    images: images.filter((name, i) => images.findIndex(other => fullName(other) === fullName(name)) === i),
    files,
    stdin: words.includes('-'),
    unpack: flags.unpack,
  };
  if (flags.retag === undefined) return request;
  if (!/^\w[\w.-]{0,127}$/.test(flags.retag)) {
    throw new K3duiError({
      code: 'USAGE',
      message: `invalid tag '${sanitise(flags.retag)}'`,
      hint: 'for example: --retag dev',
    });
  }
  return { ...request, retag: flags.retag };
}

const isFile = (word: string): boolean => word !== '-' && existsSync(word) && statSync(word).isFile();

/** Throws USAGE where a person types it, as nobody types an archive. */
function standardInput({ streams }: Io): AsyncIterable<Buffer> {
  if (streams && !streams.stdin.isTTY) return streams.stdin as AsyncIterable<Buffer>;
  throw new K3duiError({
    code: 'USAGE',
    message: 'standard input is no archive',
    hint: 'pipe one in: docker save NAME:TAG | k3dui image import -',
  });
}
