import { K3duiError } from '../errors.ts';

/** Longest cluster name, so that `k3d-NAME-serverlb` stays a host name. k3d pkg/types/types.go. */
const MAX_CLUSTER_NAME = 32;

/** True for a host name as of RFC 1123, upper case allowed as in k3d pkg/client/clusterName.go. */
export function isHostname(text: string): boolean {
  return text.split('.').every(label => /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label));
}

/** Throws CLUSTER_NAME_INVALID with k3d's words unless the name is a host name of at most 32 characters. */
export function checkClusterName(name: string): void {
  const why =
    name === ''
      ? 'Invalid cluster name. No name provided'
      : !isHostname(name)
        ? `Invalid cluster name. name ${name} is not a valid hostname as per RFC 1123`
        : name.length > MAX_CLUSTER_NAME
          ? `Cluster name must be <= ${MAX_CLUSTER_NAME} characters, but has ${name.length}`
          : undefined;
  if (why === undefined) return;
  throw new K3duiError({
    code: 'CLUSTER_NAME_INVALID',
    message: `provided cluster name '${name}' does not match requirements: ${why}`,
    hint: `use letters, digits and dashes, a letter or digit at both ends, at most ${MAX_CLUSTER_NAME}: for example demo-1`,
  });
}
