import { commandLine } from '../../config/command-line.ts';
import { joinFlag } from '../../config/flag-filters.ts';
import type { PortChange, PortRequest } from './change.ts';

/** The command line that does the same; settings and upstreams have none of their own. */
export function editCommand(cluster: string, change: PortChange): string {
  const flag = (name: string) => (request: PortRequest) => [name, joinFlag(request.port, request.nodeFilters)];
  const flags = [...change.remove.flatMap(flag('--port-delete')), ...change.add.flatMap(flag('--port-add'))];
  return commandLine`k3dui cluster edit ${cluster} ${flags}`;
}
