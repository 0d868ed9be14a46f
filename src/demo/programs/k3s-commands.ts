import type { ExecIo } from '../types.ts';
import { crictl } from './crictl.ts';
import { ctr } from './ctr.ts';
import type { K3s } from './k3s.ts';
import { kubectl } from './kubectl.ts';

/** What a k3s node's own programs answer: k3s, crictl, ctr, kubectl. undefined for everything else. */
export function k3sCommand(node: K3s, argv: string[], io: ExecIo): Promise<number> | undefined {
  const [path = '', ...args] = argv;
  const name = path.replace(/^.*\//, '');
  if (name === 'k3s') {
    if (['kubectl', 'crictl', 'ctr'].includes(args[0] ?? '')) return k3sCommand(node, args, io);
    io.out(`k3s version ${node.version} (demo)\ngo version go1.24.6\n`);
    return Promise.resolve(0);
  }
  if (name === 'crictl') return crictl(node, args, io);
  if (name === 'ctr') return ctr(node, args, io);
  if (name === 'kubectl') return kubectl(node, args, io);
  return undefined;
}
