import type { Call } from '../../docker/docker.ts';
import { isAbort, K3duiError } from '../../errors.ts';
import { limited } from '../wait.ts';

/** Where k3s publishes which version each channel stands for; k3d asks the same (version.go). */
const CHANNELS_URL = 'https://update.k3s.io/v1-release/channels';

/** Channel → k3s version (`stable` → `v1.35.5+k3s1`). Throws CHANNELS_UNREACHABLE. */
export async function fetchChannels(call: Call = {}, url = CHANNELS_URL): Promise<Map<string, string>> {
  try {
    const answer = await fetch(url, limited(call, 10_000));
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { data } = (await answer.json()) as { data?: { name?: string; latest?: string }[] };
    return new Map((data ?? []).flatMap(({ name, latest }) => (name && latest ? [[name, latest] as const] : [])));
  } catch (cause) {
    if (call.signal?.aborted && isAbort(cause)) throw cause;
    throw new K3duiError({
      code: 'CHANNELS_UNREACHABLE',
      message: `the list of k3s versions at ${url} cannot be read`,
      hint: 'name the version instead: --image rancher/k3s:v1.31.5-k3s1',
      cause,
    });
  }
}

/**
 * The image that a channel stands for: `stable` → `docker.io/rancher/k3s:v1.35.5-k3s1`. Image tags have `-` where
 * versions have `+`. Throws CHANNEL_UNKNOWN.
 */
export function channelImage(channel: string, channels: Map<string, string>): string {
  const version = channels.get(channel);
  if (!version) {
    throw new K3duiError({
      code: 'CHANNEL_UNKNOWN',
      message: `there is no k3s channel '${channel}'`,
      hint: `there are: ${[...channels.keys()].join(', ')}`,
    });
  }
  return `docker.io/rancher/k3s:${version.replaceAll('+', '-')}`;
}
