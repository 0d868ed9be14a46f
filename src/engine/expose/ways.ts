import type { Service, ServicePort } from '../../kubernetes/traffic.ts';
import type { PortRow } from '../ports/table.ts';
import type { Ground } from './context.ts';

/** A host port that leads to a port of the nodes on which a Service is. */
export interface Way {
  row: PortRow | undefined;
  /** How the Service comes to be on that port of the nodes. */
  via: 'svclb' | 'nodePort' | 'api';
  /** The port of the nodes. */
  port: number;
}

/** Every way from this machine to a port of a Service, the best first; without a row where no host port leads there. */
export function waysTo({ rows, cluster }: Ground, service: Service, port: ServicePort): Way[] {
  const { type } = service;
  if (service.namespace === 'default' && service.name === 'kubernetes') {
    return rows.filter(row => row.kind === 'api').map(row => ({ row, via: 'api', port: row.listenerPort }));
  }
  const ways = [
    ...(type === 'LoadBalancer' ? waysOn(rows, 'svclb', port.port, port.protocol) : []),
    ...(type === 'LoadBalancer' || type === 'NodePort' ? waysOn(rows, 'nodePort', port.nodePort, port.protocol) : []),
  ];
  if (ways.length < 2) return ways;
  const stopped = cluster.loadBalancer?.running === false;
  return ways.toSorted((a, b) => rankOf(a, stopped) - rankOf(b, stopped));
}

/** The ways to a port of the nodes; one without a row where no host port leads there. */
function waysOn(rows: readonly PortRow[], via: Way['via'], number: number, protocol: string): Way[] {
  if (number === 0) return [];
  const found = rows.filter(
    row => row.listenerPort === number && row.protocol === protocol && row.kind !== 'api' && row.hostPort > 0,
  );
  if (found.length === 0) return [{ row: undefined, via, port: number }];
  return found.map(row => ({ row, via, port: number }));
}

/** The least is the best. */
function rankOf({ row }: Way, stopped: boolean): number {
  if (row === undefined) return 6;
  const runs = row.upstreams.some(({ running }) => running);
  return (row.kind === 'proxy' && stopped ? 1 : 0) + (runs ? 0 : 2);
}

/** A host port for a port of the nodes, that no cluster has yet: `8080` for 80, `8443` for 443. */
export function proposeHostPort(port: number, taken: ReadonlySet<number>): number {
  let proposal = port < 1024 ? 8000 + port : port;
  if (port === 443) proposal = 8443;
  if (port === 80) proposal = 8080;
  while (taken.has(proposal) && proposal < 65_535) proposal++;
  return proposal;
}
