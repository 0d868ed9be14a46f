import type { Builtin } from './commands.ts';
import { clusterOf } from './k3s.ts';
import { podIsReady, specOf } from './kubernetes-shapes.ts';

/** `df`: every container lies on Docker's disk. */
export const df: Builtin = ({ world, io }) => {
  const { diskTotal, diskFree } = world.machine;
  const used = diskTotal - diskFree;
  const percent = `${Math.ceil((used / diskTotal) * 100)}%`;
  io.out('Filesystem     1024-blocks      Used Available Capacity Mounted on\n');
  io.out(`overlay        ${diskTotal} ${used} ${diskFree} ${percent} /\n`);
  return 0;
};

/** `nsenter -t PID -n COMMAND …`: only asking for names is known, as from a pod's network. */
export const nsenter: Builtin = async run => {
  const at = run.args.indexOf('-n');
  const [command, ...args] = run.args.slice(at + 1);
  if (command !== 'nslookup') {
    run.io.err(`nsenter: can't execute '${command}': No such file or directory\n`);
    return 127;
  }
  return askClusterDns({ ...run, args });
};

/** `nslookup NAME SERVER` with the cluster's own DNS: answered as long as one of its pods is ready and can be reached. */
export const askClusterDns: Builtin = ({ container, args, io }) => {
  const [name = '', server = ''] = args;
  const cluster = clusterOf(container);
  const pods = cluster?.store.list('pods', 'kube-system') ?? [];
  if (
    !cluster ||
    container.memory.get('pods are cut off') ||
    !pods.some(pod => pod.metadata.name.startsWith('coredns-') && podIsReady(pod))
  ) {
    io.out(`;; connection timed out; no servers could be reached\n`);
    return 1;
  }
  io.out(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`);
  const address = addressOf(container, name);
  io.out(address ? `Name:\t${name}\nAddress: ${address}\n` : `** server can't find ${name}: NXDOMAIN\n`);
  return address ? 0 : 1;
};

function addressOf(container: Parameters<Builtin>[0]['container'], name: string): string | undefined {
  const { store } = clusterOf(container)!;
  const config = store.get('configmaps', 'coredns', 'kube-system')?.data as Record<string, string> | undefined;
  const [, zone] = /^\s*kubernetes (\S+)/m.exec(config?.Corefile ?? '') ?? [];
  const [, service = '', namespace = '', within] = /^([^.]+)\.([^.]+)\.svc\.(.+)$/.exec(name) ?? [];
  const found = within === (zone ?? 'cluster.local') ? store.get('services', service, namespace) : undefined;
  if (found) return specOf<{ clusterIP?: string }>(found).clusterIP;
  const line = config?.NodeHosts?.split('\n').find(text => text.trim().split(/\s+/).slice(1).includes(name));
  return line?.trim().split(/\s+/)[0];
}
