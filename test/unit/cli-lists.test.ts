import { describe, expect, it } from 'vitest';
import { goJson } from '../../src/cli/go-output.ts';
import { k3dNode } from '../../src/cli/k3d-json.ts';
import { HIDDEN } from '../../src/text.ts';
import { fixture, inspects, runCli } from './cli-fake.ts';

const ops = inspects('ops');

describe('lists are byte for byte what k3d prints', () => {
  it.each([
    ['cluster list', 'ops.cluster-list.txt'],
    ['cluster ls ops', 'ops.cluster-list.txt'],
    ['clusters get', 'ops.cluster-list.txt'],
    ['cluster list --token', 'ops.cluster-list-token.txt'],
    ['cluster list --no-headers', 'ops.cluster-list-no-headers.txt'],
    ['node list', 'ops.node-list.txt'],
    ['node list k3d-ops-server-0', 'ops.node-list-name.txt'],
    ['node ls --no-headers', 'ops.node-list-no-headers.txt'],
    ['node list --token -o json', 'ops.node-list.json'],
    ['node list --token -o yaml', 'ops.node-list.yaml'],
  ])('%s', async (line, recorded) => {
    expect(await runCli(line.split(' '), ops)).toEqual({ code: 0, stdout: fixture(recorded), stderr: '' });
  });

  it('cluster list -o json, in which k3d shows tokens although it was not asked to', async () => {
    const recorded = JSON.parse(fixture('ops.cluster-list.json')) as { nodes: object[] }[];
    const { stdout } = await runCli(['cluster', 'list', '-o', 'json', '--token'], ops);
    const [cluster] = JSON.parse(stdout) as { clusterToken?: string; nodes: object[] }[];
    expect(cluster!.clusterToken).toBe('ZCRsXeGvJfRVKdFaYstr');
    delete cluster!.clusterToken;
    expect(goJson([cluster])).toBe(goJson(recorded));
  });

  it.each(['json', 'yaml'])('cluster list -o %s without --token holds no token anywhere', async format => {
    const { stdout } = await runCli(['cluster', 'list', '-o', format], ops);
    const recorded = fixture(`ops.cluster-list.${format}`);
    const hidden = format === 'json' ? goJson(HIDDEN).trim().slice(1, -1) : HIDDEN;
    expect(stdout).toBe(recorded.replaceAll('ZCRsXeGvJfRVKdFaYstr', hidden));
  });

  it('a cluster asked for by name shows its load balancer once more, as in k3d', async () => {
    const [cluster] = JSON.parse((await runCli(['cluster', 'list', 'ops', '-o', 'json'], ops)).stdout) as [
      { serverLoadBalancer: object; nodes: { name: string }[] },
    ];
    const balancer = cluster.nodes.find(({ name }) => name === 'k3d-ops-serverlb');
    expect(cluster.serverLoadBalancer).toEqual({ ...balancer, config: null });
  });

  it('nodes of a cluster with several servers and no load balancer', () => {
    const [recorded] = JSON.parse(fixture('three-servers.cluster-list.json')) as [{ nodes: { name: string }[] }];
    const nodes = inspects('three-servers').map(k3dNode);
    for (const expected of recorded.nodes) {
      expect(goJson(nodes.find(node => node.name === expected.name))).toBe(goJson(expected));
    }
    expect(nodes).toHaveLength(4);
  });
});

describe('lists of what is not there', () => {
  it('an engine without clusters gives headers, and an empty JSON list', async () => {
    expect((await runCli(['cluster', 'list'])).stdout).toBe('NAME   SERVERS   AGENTS   LOADBALANCER\n');
    expect((await runCli(['cluster', 'list', '-o', 'json'])).stdout).toBe('[]\n');
  });

  it('an unknown name is an error that names the nearest', async () => {
    const { code, stdout, stderr } = await runCli(['cluster', 'list', 'opps'], ops);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain("no cluster named 'opps'");
    expect(stderr).toContain("did you mean 'ops'?");
    expect((await runCli(['node', 'list', 'k3d-ops-server-1'], ops)).stderr).toContain(
      "did you mean 'k3d-ops-server-0'?",
    );
  });

  it('an unknown format is an error, where k3d prints a table', async () => {
    const { code, stderr } = await runCli(['cluster', 'list', '-o', 'xml'], ops);
    expect(code).toBe(1);
    expect(stderr).toContain("unknown output format 'xml'");
  });
});
