import type { NodePort } from '../../../src/engine/model.ts';
import type { PortOwners } from '../../port-actions.ts';
import type { DraftReading } from './draft.ts';

/** What speaks against the host ports of a draft, and what should be known of them. */
export interface Conflicts {
  errors: readonly string[];
  warnings: readonly string[];
}

const any = (ip: string): boolean => ip === '' || ip === '0.0.0.0' || ip === '::';

/** Whether two bindings cannot be side by side. */
export function overlaps(
  a: { hostIP: string; port: number; protocol: string },
  b: { hostIP: string; port: number; protocol: string },
): boolean {
  return a.port === b.port && a.protocol === b.protocol && (any(a.hostIP) || any(b.hostIP) || a.hostIP === b.hostIP);
}

/** At most so many are named of a range. */
const NAMED = 3;

/** @param own what this load balancer publishes besides, and will after the change */
export function findConflicts(
  { mappings }: DraftReading,
  own: readonly NodePort[],
  owners: PortOwners | undefined,
): Conflicts {
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const { hostIP, hostPort, hostPortEnd, protocol } of mappings) {
    if (hostPort === undefined || hostPortEnd !== undefined) continue;
    const wanted = { hostIP, port: hostPort, protocol };
    const name = `${hostPort}/${protocol}`;
    const twin = own.find(port => overlaps(wanted, { ...port, port: port.hostPort }));
    if (twin) {
      errors.push(`${name} already leads to ${twin.containerPort} through this load balancer`);
      continue;
    }
    const owner = owners?.owner(wanted);
    if (owner !== undefined) errors.push(`${name} is taken by ${owner}`);
    const stopped = owners?.stopped(wanted) ?? [];
    if (stopped.length > 0) {
      warnings.push(`${name} is also wanted by ${stopped.join(', ')}, stopped now: they cannot run at the same time`);
    }
  }
  return { errors: few(errors), warnings: few(warnings) };
}

function few(texts: string[]): string[] {
  return texts.length <= NAMED ? texts : [...texts.slice(0, NAMED), `and ${texts.length - NAMED} more`];
}
