import { resolve } from 'node:path';
import { isNamedVolume, parseVolume, type VolumeMount } from '../../config/volumes.ts';

/** The mount as Docker takes it: with an absolute path of the machine. A path of Windows is left as it is. */
export function absoluteMount(mount: VolumeMount): VolumeMount {
  const { source } = mount;
  if (source === '' || isNamedVolume(mount) || /^[A-Za-z]:[\\/]/.test(source)) return mount;
  return { ...mount, source: resolve(source) };
}

/** Paths of the machine that these volumes come from. What is wrong with one is said by the plan. */
export function volumeSources(volumes: readonly string[]): string[] {
  return volumes.flatMap(volume => {
    try {
      const { source } = absoluteMount(parseVolume(volume));
      return source.startsWith('/') ? [source] : [];
    } catch {
      return [];
    }
  });
}
