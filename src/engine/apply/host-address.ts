import { isIPv4 } from 'node:net';
import type { Call, Docker } from '../../docker/docker.ts';
import type { EngineInfo } from '../../docker/types.ts';
import { isAbort } from '../../errors.ts';

/** The name under which containers know the machine; undefined where it is their network's gateway. */
export function hostNameInside({
  OperatingSystem,
  Name,
}: Pick<EngineInfo, 'OperatingSystem' | 'Name'>): string | undefined {
  if (/docker desktop/i.test(OperatingSystem)) return 'host.docker.internal';
  return Name === 'colima' ? 'host.lima.internal' : undefined;
}

/**
 * Address under which containers reach the machine, where their network's gateway is only the virtual machine in which
 * Docker runs: with Docker Desktop and Colima. Looked up in a running container, as only these know the name (k3d
 * pkg/client/host.go). undefined: the gateway it is.
 */
export async function hostAddress(docker: Docker, container: string, call: Call): Promise<string | undefined> {
  const name = hostNameInside(await docker.info(call));
  if (name === undefined) return undefined;
  for (const command of [
    ['getent', 'ahostsv4', name],
    ['nslookup', name],
  ]) {
    const found = addressIn(await output(docker, container, command, call));
    if (found) return found;
  }
  return undefined;
}

/** Not every image has both programs. */
async function output(docker: Docker, container: string, command: string[], call: Call): Promise<string> {
  try {
    return (await docker.exec(container, command, {}, call)).stdout;
  } catch (error) {
    if (isAbort(error)) throw error;
    return '';
  }
}

/** Of `192.168.65.254 STREAM NAME`, or of what nslookup says after it has named its server. Pure. */
function addressIn(text: string): string | undefined {
  const answer = text.indexOf('Name:');
  const from = answer >= 0 ? text.slice(answer) : text.includes('Server:') ? '' : text;
  return from.split(/[\s,]+/).find(word => isIPv4(word) && word !== '0.0.0.0');
}
