import { isIP } from 'node:net';
import { K3duiError } from '../errors.ts';
import { isHostname } from './cluster-name.ts';

export interface HostAlias {
  ip: string;
  hostnames: string[];
}

/** `IP:HOST[,HOST…]`; IPv6 in brackets is our addition. Throws HOST_ALIAS_INVALID with k3d's words. */
export function parseHostAlias(text: string): HostAlias {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (!match) throw invalid(`invalid format of host-alias ${text} (exactly one ':' allowed)`);
  return checkHostAlias({ ip: match[1] ?? match[2] ?? '', hostnames: (match[3] ?? '').split(',') }, text);
}

/** The same when its address and names are valid; else throws HOST_ALIAS_INVALID. */
export function checkHostAlias(alias: HostAlias, shown = formatHostAlias(alias)): HostAlias {
  if (isIP(alias.ip) === 0) {
    throw invalid(`invalid IP '${alias.ip}' in host-alias '${shown}': unable to parse IP`);
  }
  const bad = alias.hostnames.length === 0 ? '' : alias.hostnames.find(hostname => !isHostname(hostname));
  if (bad !== undefined) {
    const why = bad === '' ? 'No name provided' : `name ${bad} is not a valid hostname as per RFC 1123`;
    throw invalid(`invalid hostname '${bad}' in host-alias '${shown}': ${why}`);
  }
  return alias;
}

export function formatHostAlias(alias: HostAlias): string {
  return `${alias.ip.includes(':') ? `[${alias.ip}]` : alias.ip}:${alias.hostnames.join(',')}`;
}

/**
 * Aliases as k3d labels its containers with them: JSON of [{ip, hostnames}]. The label may be anybody's: what is no alias
 * must not get into a hosts file. `odd`: it holds something else, which is left out.
 */
export function parseAliasLabel(label: string): { aliases: HostAlias[]; odd: boolean } {
  let list: unknown;
  try {
    list = JSON.parse(label);
  } catch {
    // Said below.
  }
  if (!Array.isArray(list)) return { aliases: [], odd: true };
  const aliases = list.flatMap(alias => validAlias(alias) ?? []);
  return { aliases, odd: aliases.length < list.length };
}

function validAlias(alias: { ip?: unknown; hostnames?: unknown } | null): HostAlias | undefined {
  const { ip, hostnames } = alias ?? {};
  if (typeof ip !== 'string' || !Array.isArray(hostnames) || !hostnames.every(name => typeof name === 'string')) {
    return undefined;
  }
  try {
    return checkHostAlias({ ip, hostnames });
  } catch {
    return undefined;
  }
}

function invalid(message: string): K3duiError {
  return new K3duiError({
    code: 'HOST_ALIAS_INVALID',
    message,
    hint: 'write IP:HOST[,HOST…], for example 10.0.0.5:git.local,registry.local',
  });
}
