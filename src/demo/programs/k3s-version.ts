import { splitReference } from '../images.ts';
import type { Container } from '../types.ts';

/** The k3s version that the image's tag names: `v1.31.5-k3s1` is Kubernetes v1.31.5, k3s `v1.31.5+k3s1`. */
export function k3sVersion(container: Container): { gitVersion: string; major: string; minor: string } {
  const named = [container.config.Image ?? '', ...container.image.tags].map(text => splitReference(text).tag);
  const tag = named.find(text => /^v\d+\.\d+\.\d+/.test(text)) ?? 'v1.33.5-k3s1';
  const [, major = '1', minor = '33'] = /^v(\d+)\.(\d+)/.exec(tag) ?? [];
  return { gitVersion: tag.replace('-k3s', '+k3s'), major, minor };
}
