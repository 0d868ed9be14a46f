import { describe, expect, test } from 'vitest';
import { likelyImage } from '../../components/dialogs/create/advisor.ts';
import { placeProblem } from '../../components/dialogs/create/problems.ts';
import { formFrom, readForm } from '../../components/dialogs/create/to-spec.ts';
import { freeName } from '../../components/dialogs/free-name.ts';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE } from '../../src/config/default-image.ts';

describe('what the create form proposes', () => {
  test('a name that is free', () => {
    expect(freeName('k3s-default', [])).toBe('k3s-default');
    expect(freeName('k3s-default', ['k3s-default', 'k3s-default-2', 'other'])).toBe('k3s-default-3');
  });

  test('the newest k3s that Docker has, or the one k3d would pull', () => {
    expect(likelyImage([])).toBe(DEFAULT_K3S_IMAGE);
    expect(likelyImage(['nginx:1', 'rancher/k3s-upgrade:v1.40.0', 'k3s/tools:v2'])).toBe(DEFAULT_K3S_IMAGE);
    expect(likelyImage(['rancher/k3s:v1.9.9-k3s1', 'rancher/k3s:v1.31.5-k3s1', 'rancher/k3s:v1.4.0-k3s1'])).toBe(
      'rancher/k3s:v1.31.5-k3s1',
    );
    const short = DEFAULT_K3S_IMAGE.replace('docker.io/', '');
    expect(likelyImage(['rancher/k3s:v1.99.0-k3s1', short])).toBe(short);
  });
});

describe('form and spec', () => {
  const spec: ClusterSpec = {
    ...defaultClusterSpec('rancher/k3s:v1.31.5-k3s1'),
    name: 'all',
    servers: 3,
    agents: 2,
    kubeAPI: { host: '127.0.0.1', hostIP: '127.0.0.1', hostPort: '6550' },
    ports: [{ port: '8080:80', nodeFilters: ['loadbalancer'] }],
    volumes: [{ volume: '/a:/b', nodeFilters: ['agent:*', 'server:0'] }],
    env: [{ envVar: 'A=b@c', nodeFilters: [] }],
    k3sArgs: [{ arg: '--disable=traefik', nodeFilters: ['server:*'] }],
    k3sNodeLabels: [{ label: 'a=b', nodeFilters: ['agent:0'] }],
    runtimeLabels: [{ label: 'c=d', nodeFilters: ['all'] }],
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['a.local', 'b.local'] }],
    lbConfigOverrides: ['settings.workerConnections=2048'],
    network: 'office',
    subnet: 'auto',
    token: 'secret',
    serversMemory: '2g',
    agentsMemory: '1g',
    timeoutSeconds: 90,
    wait: false,
    imageVolume: false,
  };

  test('what goes into the form comes out of it', () => {
    const { spec: read, problems } = readForm(formFrom(spec));
    expect(problems).toEqual([]);
    expect(read).toEqual(spec);
  });

  test('a problem of an entry stands at its line, although lines before it are empty or unreadable', () => {
    const form = formFrom({ ...spec, ports: [] });
    const line = (text: string) => ({ text, cursor: 0 });
    const ports = [line('not a port'), line(''), line('1:1'), line('2:2'), line('')];
    const typed = { ...form, lines: { ...form.lines, ports } };
    const { problems } = readForm(typed);
    expect(problems).toMatchObject([{ field: 'ports', at: 0 }]);
    const about = { field: 'ports', message: 'wrong', severity: 'error' as const };
    expect(placeProblem({ ...about, index: 1 }, typed, problems).at).toBe(3);
    expect(placeProblem({ ...about, message: 'host port 2/tcp is taken' }, typed, problems).at).toBe(3);
  });
});
