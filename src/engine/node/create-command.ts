import { shellWord } from '../../config/command-line.ts';
import { formatUlimit } from '../../config/ulimits.ts';
import { defaultNodeRequest, type NodeRequest } from './request.ts';

/** The command line that asks for the same; a token stays out of it. */
export function nodeCreateCommand(cluster: string, request: NodeRequest): string {
  const usual = defaultNodeRequest(request.name);
  const many = (flag: string, values: string[]) => values.flatMap(value => [flag, shellWord(value)]);
  return [
    'k3dui node create',
    shellWord(request.name),
    '-c',
    shellWord(cluster),
    ...(request.role === usual.role ? [] : ['--role', request.role]),
    ...(request.replicas === usual.replicas ? [] : ['--replicas', String(request.replicas)]),
    ...(request.image ? ['-i', shellWord(request.image)] : []),
    ...(request.memory ? ['--memory', shellWord(request.memory)] : []),
    ...many('--runtime-label', request.runtimeLabels),
    ...many('--runtime-ulimit', request.runtimeUlimits.map(formatUlimit)),
    ...many('--k3s-node-label', request.k3sNodeLabels),
    ...many('-n', request.networks),
    ...many('--k3s-arg', request.k3sArgs),
    ...(request.token ? ['-t', '"$TOKEN"'] : []),
    ...(request.timeoutSeconds ? [`--timeout ${request.timeoutSeconds}s`] : []),
    ...(request.wait ? [] : ['--wait=false']),
  ].join(' ');
}
