import { execve } from 'node:process';
import { containerdSocket, containerdUp } from './containerd.ts';

/** containerd's own `ctr`, in whose place this process steps, with k3s' socket and name space unless told otherwise. */
export async function ctr(args: string[]): Promise<number> {
  await containerdUp();
  const environment = { CONTAINERD_ADDRESS: containerdSocket, CONTAINERD_NAMESPACE: 'k8s.io', ...process.env };
  execve?.('/usr/lib/k3s/ctr', ['ctr', ...args], environment);
  throw new Error("this image's Node cannot replace its process");
}
