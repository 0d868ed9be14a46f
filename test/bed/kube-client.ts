import type Docker from 'dockerode';
import { type Access, ask, askObject } from '../images/k3s/http.ts';
import type { KubeObject } from '../images/k3s/objects.ts';
import { publishedPort, readFileIn } from './node-container.ts';

const decoded = (kubeconfig: string, field: string): string =>
  Buffer.from(new RegExp(`${field}: (\\S+)`).exec(kubeconfig)?.[1] ?? '', 'base64').toString('utf8');

/** Access to a server's API through its published port, with the credentials of the kubeconfig it wrote. */
export async function accessTo(server: Docker.Container): Promise<Access> {
  const kubeconfig = await readFileIn(server, '/etc/rancher/k3s/k3s.yaml');
  return {
    url: `https://127.0.0.1:${await publishedPort(server)}`,
    ca: decoded(kubeconfig, 'certificate-authority-data'),
    cert: decoded(kubeconfig, 'client-certificate-data'),
    key: decoded(kubeconfig, 'client-key-data'),
  };
}

/** The nodes by name: `Ready`, `NotReady`, or `Unknown` where the node is silent. */
export async function nodeStates(access: Access): Promise<Record<string, string>> {
  const list = await askObject(access, 'GET', '/api/v1/nodes');
  const states = (list.items as KubeObject[]).map(node => {
    const status = node.status as { conditions: { type: string; status: string }[] };
    const ready = status.conditions.find(c => c.type === 'Ready')?.status;
    return [node.metadata.name, ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown'];
  });
  return Object.fromEntries(states);
}

export { ask, askObject };
