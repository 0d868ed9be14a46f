import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Endpoint } from '../../docker/docker.ts';
import type { ContainerSummary } from '../../docker/types.ts';
import { findContainer } from '../container-name.ts';
import { sharesFiles } from '../endpoint.ts';
import { kubeconfigDir } from '../kubeconfig/paths.ts';
import type { PlannedStep } from '../plan.ts';

/** What kubelet takes for the machine's memory. */
const MEMINFO = '/proc/meminfo';
/** Where the machine has modules that correct errors, kubelet believes these rather than meminfo. */
export const EDAC = '/sys/devices/system/edac';

/**
 * kubelet in a container sees the memory of the whole machine. k3d mounts files over what it reads, from a folder of
 * the user's of the node's name (pkg/util/infofaker.go); ours are the same, so that each finds and removes the other's.
 */
export interface ToldMemory {
  folder: string;
  content: string;
  /** Hide the modules that correct errors, too. */
  edac: boolean;
}

/** What is mounted into this node so that it knows its limit; undefined: no limit, or an engine that has other files. */
export function toldMemory(
  node: { name: string; memory: number },
  facts: { env: NodeJS.ProcessEnv; endpoint: Endpoint; edac?: boolean },
): ToldMemory | undefined {
  if (node.memory <= 0 || !sharesFiles(facts.endpoint)) return undefined;
  return {
    folder: join(resolve(kubeconfigDir(facts.env)), `.${node.name}`),
    content: meminfo(node.memory),
    edac: facts.edac ?? false,
  };
}

/**
 * The lines that kubelet's cadvisor reads. The unit is a thousand bytes as with k3d, whose own tests want 1073741 for
 * 1g; kubelet takes it for 1024, and so sees 2.4 % more than there is.
 */
function meminfo(bytes: number): string {
  return `MemTotal: ${Math.floor(bytes / 1000)} kB\nSwapTotal: 0 kB`;
}

/** For Docker's Binds. */
export function memoryBinds({ folder, edac }: ToldMemory): string[] {
  return [`${join(folder, 'meminfo')}:${MEMINFO}:ro`, ...(edac ? [`${join(folder, 'edac')}:${EDAC}:ro`] : [])];
}

/** The step that makes the files; the node is created after it. */
export function tellMemoryStep(node: string, { folder, content, edac }: ToldMemory): PlannedStep {
  return {
    id: `memory ${node}`,
    title: 'write down its memory limit for kubelet',
    subject: node,
    after: [],
    action: { kind: 'meminfo.write', folder, content, edac },
  };
}

/** The step that removes the files of a node which is removed, in `after`; none for a node that has none. */
export function forgetMemorySteps(
  node: string,
  containers: readonly ContainerSummary[],
  after: string[],
): PlannedStep[] {
  const container = findContainer(containers, node);
  const source = container?.Mounts?.find(({ Destination }) => Destination === MEMINFO)?.Source;
  // Only a folder that was made for this: a person may have mounted files of their own.
  if (!source || basename(source) !== 'meminfo' || basename(dirname(source)) !== `.${node}`) return [];
  return [
    {
      id: `forget memory ${node}`,
      title: 'remove the note of its memory limit',
      subject: node,
      after,
      action: { kind: 'meminfo.remove', folder: dirname(source) },
      optional: true,
    },
  ];
}

/** Writes the files, over those that a killed run has left. */
export async function writeMemory({ folder, content, edac }: ToldMemory): Promise<void> {
  await mkdir(edac ? join(folder, 'edac') : folder, { recursive: true });
  await writeFile(join(folder, 'meminfo'), content);
}

/** Removes the files and the folder, unless somebody keeps something else in it. Nothing there is no error. */
export async function removeMemory(folder: string): Promise<void> {
  await rm(join(folder, 'meminfo'), { force: true });
  for (const path of [join(folder, 'edac'), folder]) {
    await rmdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error;
    });
  }
}
