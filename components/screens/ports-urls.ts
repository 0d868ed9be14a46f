import { isSecurePort, webUrl } from '../../src/engine/expose/urls.ts';
import { bindingSpec } from '../../src/engine/loadbalancer/bindings.ts';
import type { PortRow } from '../../src/engine/ports/table.ts';

/** Where a browser finds it; undefined for what no browser can open. `host` is how this machine reaches it. */
export function portUrl(row: PortRow, host: string): string | undefined {
  if (row.protocol !== 'tcp' || row.hostPort === 0) return undefined;
  const secure = row.kind === 'api' || isSecurePort({ name: '', port: row.listenerPort });
  return webUrl(secure, host, row.hostPort, '/');
}

/** `8081:80`, as the command line takes it. */
export function portSpec({ hostIP, hostPort, listenerPort, protocol }: PortRow): string {
  return bindingSpec({
    hostIP,
    hostPort: hostPort === 0 ? '' : String(hostPort),
    containerPort: listenerPort,
    protocol,
  });
}

/** `8081:80@loadbalancer` */
export const portFlag = (row: PortRow): string => `${portSpec(row)}${row.filters === '' ? '' : `@${row.filters}`}`;
