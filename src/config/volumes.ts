import { posix } from 'node:path';
import { K3duiError } from '../errors.ts';

export interface VolumeMount {
  /** Host path or name of a Docker volume; empty: a volume without a name, which goes with its container. */
  source: string;
  /** Absolute path in the node, shortcuts already expanded. */
  destination: string;
  /** `ro`, `rw,z`; empty for none. */
  options: string;
}

/** Words that may stand for a destination. k3d pkg/types/k3s/paths.go. */
export const VOLUME_SHORTCUTS: ReadonlyMap<string, string> = new Map([
  ['k3s-storage', '/var/lib/rancher/k3s/storage'],
  ['k3s-manifests', '/var/lib/rancher/k3s/server/manifests'],
  ['k3s-manifests-custom', '/var/lib/rancher/k3s/server/manifests/custom'],
  ['k3s-containerd', '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'],
  ['k3s-containerd-tmpl', '/var/lib/rancher/k3s/agent/etc/containerd/config.toml.tmpl'],
  ['k3s-registry-config', '/etc/rancher/k3s/registries.yaml'],
]);

/**
 * `[SRC:]DEST[:OPT[,OPT]]`. k3d hands one part alone to Docker as it is (pkg/runtimes/util/volumes.go), which makes a
 * volume without a name for it. On Windows a path begins with a drive, whose colon is none between parts. Throws
 * VOLUME_INVALID with k3d's words.
 */
export function parseVolume(text: string, platform: NodeJS.Platform = process.platform): VolumeMount {
  const drive = platform === 'win32' ? (/^[a-z]:(?=[\\/])/i.exec(text)?.[0] ?? '') : '';
  const parts = text.slice(drive.length).split(':');
  parts[0] = drive + parts[0];
  if (parts.length > 3) throw invalid(`invalid volume mount '${text}': maximal 2 ':' allowed`);
  const [source = '', given = '', options = ''] = parts.length === 1 ? ['', ...parts] : parts;
  if (given === '' || (source === '' && parts.length > 1))
    throw invalid(`invalid volume mount '${text}': no volume/path specified`);
  const destination = VOLUME_SHORTCUTS.get(given) ?? given;
  if (!destination.startsWith('/')) {
    throw invalid(
      `volume mount destination doesn't appear to be an absolute path: '${destination}' in '${text}'`,
      `the destination begins with / or is one of ${[...VOLUME_SHORTCUTS.keys()].join(', ')}`,
    );
  }
  return { source, destination, options };
}

/**
 * Where a file of `files:` goes: an absolute path, or one that begins with a shortcut (k3d pkg/util/files.go).
 * Throws FILE_DESTINATION_INVALID.
 */
export function fileDestination(text: string): string {
  const [first = '', ...rest] = text.split('/');
  const path = first === '' ? text : [VOLUME_SHORTCUTS.get(first), ...rest].join('/');
  if ((first !== '' && !VOLUME_SHORTCUTS.has(first)) || text.includes('\0')) {
    throw new K3duiError({
      code: 'FILE_DESTINATION_INVALID',
      message: `destination can be only absolute path or starts with predefined shortcut path. Could not resolve destination file path: ${text}`,
      hint: `begin it with / or one of ${[...VOLUME_SHORTCUTS.keys()].join(', ')}`,
    });
  }
  return posix.normalize(path);
}

/** As Docker's Binds want it. */
export function formatVolume(mount: VolumeMount): string {
  return [mount.source, mount.destination, mount.options].filter(part => part !== '').join(':');
}

/** True when the source names a Docker volume rather than a path. */
export function isNamedVolume(mount: VolumeMount): boolean {
  return mount.source !== '' && !/[/\\]/.test(mount.source);
}

/** True for a volume that is made, labelled and later deleted with the cluster when it does not exist yet. */
export function isClusterVolume(mount: VolumeMount): boolean {
  return isNamedVolume(mount) && mount.source.startsWith('k3d-');
}

function invalid(
  message: string,
  hint = 'write SOURCE:DESTINATION[:OPTIONS], for example ./data:/data:ro',
): K3duiError {
  return new K3duiError({ code: 'VOLUME_INVALID', message, hint });
}
