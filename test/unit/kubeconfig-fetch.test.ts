import { describe, expect, it } from 'vitest';
import type { Docker, Endpoint } from '../../src/docker/docker.ts';
import { reachableHost } from '../../src/engine/endpoint.ts';
import { fetchKubeconfig, fetchKubeconfigFrom } from '../../src/engine/kubeconfig/fetch.ts';
import type { Cluster, Node } from '../../src/engine/model.ts';

const server = (id: string, running: boolean, labelled: boolean) =>
  ({ id, running, labels: labelled ? { 'k3d.server.api.port': '6550' } : {} }) as unknown as Node;
const cluster = (...servers: Node[]) => ({ name: 'demo', servers }) as unknown as Cluster;
/** Answers from the files of each container and notes who was asked. */
function dockerWith(files: Record<string, string>) {
  const asked: string[] = [];
  const readFile = async (id: string, path: string) => {
    asked.push(`${id}:${path}`);
    const content = files[id];
    return content === undefined ? undefined : Buffer.from(content);
  };
  return { asked, docker: { readFile } as unknown as Docker };
}

describe('the kubeconfig of a cluster', () => {
  it('is read from the running server that has the API port', async () => {
    const { docker, asked } = dockerWith({ a: 'A', b: 'B', c: 'C' });
    expect(
      await fetchKubeconfig(
        docker,
        cluster(server('a', true, false), server('b', false, true), server('c', true, true)),
      ),
    ).toBe('C');
    expect(asked).toEqual(['c:/output/kubeconfig.yaml']);
  });

  it('is read from a stopped server when none runs, and from another when one has none', async () => {
    const { docker } = dockerWith({ b: 'B' });
    expect(await fetchKubeconfig(docker, cluster(server('a', false, true), server('b', false, false)))).toBe('B');
  });

  it('that is nowhere gives an error that says so', async () => {
    const { docker } = dockerWith({ a: '' });
    await expect(fetchKubeconfig(docker, cluster(server('a', true, true)))).rejects.toMatchObject({
      code: 'KUBECONFIG_NOT_FOUND',
    });
    await expect(fetchKubeconfig(docker, cluster())).rejects.toThrow("didn't find any server node for cluster 'demo'");
    await expect(fetchKubeconfigFrom(docker, 'x', 'demo', { host: 'h', port: 1 })).rejects.toMatchObject({
      code: 'KUBECONFIG_NOT_FOUND',
    });
  });
});

describe('the host in the kubeconfig can be reached', () => {
  it.each([
    ['create/01-default: all addresses', '0.0.0.0', '0.0.0.0', 'unix:///var/run/docker.sock', '127.0.0.1'],
    ['all IPv6 addresses', '::', '::', 'unix:///var/run/docker.sock', '127.0.0.1'],
    ['nothing known', '', '', 'npipe:////./pipe/docker_engine', '127.0.0.1'],
    ['create/21-api-port-127: an address stays', '127.0.0.1', '127.0.0.1', 'unix:///x', '127.0.0.1'],
    ['create/50-config-file: a name stays', 'localhost', '127.0.0.1', 'unix:///x', 'localhost'],
    ['a name stays on a remote engine', 'api.dev', '10.0.0.1', 'tcp://10.0.0.1:2376', 'api.dev'],
    ['one address to listen on', '0.0.0.0', '192.168.1.5', 'unix:///x', '192.168.1.5'],
    ['a remote engine over tcp', '0.0.0.0', '0.0.0.0', 'tcp://10.0.0.1:2376', '10.0.0.1'],
    ['a remote engine over ssh', '0.0.0.0', '0.0.0.0', 'ssh://me@box.lan:22', 'box.lan'],
    ['a remote engine with an IPv6 address', '0.0.0.0', '0.0.0.0', 'tcp://[fe80::1]:2376', 'fe80::1'],
    ['a tcp engine on this machine', '0.0.0.0', '0.0.0.0', 'tcp://localhost:2375', '127.0.0.1'],
    ["k3d's own host.docker.internal", 'host.docker.internal', '0.0.0.0', 'unix:///x', '127.0.0.1'],
    [
      'host.docker.internal when asked for',
      'host.docker.internal',
      '192.168.65.2',
      'unix:///x',
      'host.docker.internal',
    ],
    ['an address that is none', '0.0.0.0', '0.0.0.0', 'tcp://:::', '127.0.0.1'],
  ])('%s', (_, host, hostIP, address, expected) => {
    const endpoint: Endpoint = { address, source: 'test', demo: false };
    expect(reachableHost({ host, hostIP, port: 6550 }, {}, endpoint)).toBe(expected);
  });
});
