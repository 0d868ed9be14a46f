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
  const api = rows.filter(row => row.kind === 'api');
  if (service.namespace === 'default' && service.name === 'kubernetes') {
    return api.map(row => ({ row, via: 'api', port: row.listenerPort }));
  }
  const candidates: Way[] = [];
  const add = (via: Way['via'], number: number) => {
    if (number === 0) return;
    const found = rows.filter(
      row => row.listenerPort === number && row.protocol === port.protocol && row.kind !== 'api' && row.hostPort > 0,
    );
    candidates.push(...found.map((row): Way => ({ row, via, port: number })));
    if (found.length === 0) candidates.push({ row: undefined, via, port: number });
  };
  if (type === 'LoadBalancer') add('svclb', port.port);
  if (type === 'LoadBalancer' || type === 'NodePort') add('nodePort', port.nodePort);
  const runs = ({ row }: Way) => row?.upstreams.some(({ running }) => running) === true;
  const stopped = cluster.loadBalancer?.running === false ? 1 : 0;
  const rank = (way: Way) => (way.row === undefined ? 4 : way.row.kind === 'proxy' ? stopped : 0) + (runs(way) ? 0 : 2);
  return candidates.toSorted((a, b) => rank(a) - rank(b));
}

/** A host port for a port of the nodes, that no cluster has yet: `8080` for 80, `8443` for 443. */
export function proposeHostPort(port: number, taken: ReadonlySet<number>): number {
  let proposal = port < 1024 ? 8000 + port : port;
  if (port === 443) proposal = 8443;
  if (port === 80) proposal = 8080;
  while (taken.has(proposal) && proposal < 65_535) proposal++;
  return proposal;
}
