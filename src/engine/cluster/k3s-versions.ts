import { K3S_IMAGE_REPOSITORY } from '../../config/default-image.ts';
import { k3sVersionOf, parseImage } from '../../config/image.ts';
import { compareSemver } from '../../config/semver.ts';
import type { Call } from '../../docker/docker.ts';
import { remoteTags } from '../../registry/remote-tags.ts';

/** k3s of before this version cannot run on cgroup v2 (k3s release notes of v1.20). */
const FIRST_CGROUP_V2 = [1, 20] as const;
/** From here on kubelet refuses cgroup v1 unless it is told otherwise (Kubernetes KEP-5573, `failCgroupV1`). */
const FIRST_WITHOUT_CGROUP_V1 = [1, 35] as const;

/** Why this k3s image cannot run on an engine with that cgroup version; undefined: nothing known speaks against it. */
export function cannotRun(image: string, cgroupVersion: string | undefined): string | undefined {
  const version = versionOf(image);
  if (!version || cgroupVersion !== '2' || !isBefore(version, FIRST_CGROUP_V2)) return undefined;
  return `k3s v${version.join('.')} does not run on this machine: it uses cgroup v2`;
}

/** As `cannotRun`, in a few words, and what may go wrong besides. */
export function compatibilityHint(image: string, cgroupVersion: string | undefined): string | undefined {
  const version = versionOf(image);
  if (cannotRun(image, cgroupVersion)) return 'does not run here: too old for cgroup v2';
  if (version && cgroupVersion === '1' && !isBefore(version, FIRST_WITHOUT_CGROUP_V1)) {
    return 'may refuse this machine: it has cgroup v1';
  }
  return undefined;
}

/** Published k3s images, the newest of each minor version, newest first. Throws what reading a registry throws. */
export async function publishedK3s(call: Call = {}): Promise<string[]> {
  const tags = await remoteTags(parseImage(K3S_IMAGE_REPOSITORY), call.signal);
  return newestOfEach(tags).map(tag => `${K3S_IMAGE_REPOSITORY}:${tag}`);
}

/** Of `v1.31.4-k3s1` and `v1.31.5-k3s1` the second; candidates and builds for one kind of machine are left out. */
export function newestOfEach(tags: readonly string[]): string[] {
  const newest = new Map<string, string>();
  const releases = tags.filter(tag => /^v\d+\.\d+\.\d+-k3s\d+$/.test(tag)).sort((a, b) => compareSemver(b, a));
  for (const tag of releases) {
    const minor = tag.split('.', 2).join('.');
    if (!newest.has(minor)) newest.set(minor, tag);
  }
  return [...newest.values()];
}

function versionOf(image: string): [number, number] | undefined {
  const match = /^v(\d+)\.(\d+)/.exec(k3sVersionOf(image));
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

function isBefore([major, minor]: readonly [number, number], other: readonly [number, number]): boolean {
  return major < other[0] || (major === other[0] && minor < other[1]);
}
