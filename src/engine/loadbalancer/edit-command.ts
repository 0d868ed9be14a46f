import { joinFlag } from '../../config/flag-filters.ts';
import type { PortChange, PortRequest } from './change.ts';

/** The command line that does the same; settings and upstreams have none of their own. */
export function editCommand(cluster: string, change: PortChange): string {
  const flag = (name: string) => (request: PortRequest) => {
    const value = joinFlag(request.port, request.nodeFilters);
    return `${name} ${/^[\w.:@,/-]+$/.test(value) ? value : `'${value}'`}`;
  };
  return [
    `k3dui cluster edit ${cluster}`,
    ...change.remove.map(flag('--port-delete')),
    ...change.add.map(flag('--port-add')),
  ].join(' ');
}
