import { describe, expect, it } from 'vitest';
import type { ContainerInspect, ContainerSummary } from '../../src/docker/types.ts';
import type { Facts } from '../../src/engine/cluster/facts.ts';
import { stoppedPortOwners } from '../../src/engine/cluster/port-owner.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';
import { bindingSpec, bindingsOf, nodePortsOf, toPortBindings } from '../../src/engine/loadbalancer/bindings.ts';
import { planPortEdit } from '../../src/engine/loadbalancer/edit.ts';
import { lineDiff } from '../../src/engine/loadbalancer/line-diff.ts';
import { networksOf, replacementContainer } from '../../src/engine/loadbalancer/replacement.ts';
import { chooseLoadBalancer, leftByReplacement } from '../../src/engine/loadbalancer/serving.ts';
import { madeCluster, madeNode } from './ports-kit.ts';

/** As recorded in ops/43-cluster-edit-port-add: three edits of k3d's have left their marks. */
const OLD = {
  Id: 'old-id',
  Name: '/k3d-c-serverlb',
  Image: 'sha256:2491',
  Config: {
    Hostname: 'k3d-c-serverlb',
    Image: 'sha256:2491',
    Env: [
      'A=1',
      'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml',
      'PATH=/bin',
      'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml',
      'A=2',
    ],
    Labels: { app: 'k3d', 'k3d.role': 'loadbalancer', mine: 'yes' },
    Entrypoint: ['/bin/sh', '-c', 'nginx-proxy'],
  },
  HostConfig: {
    Binds: ['k3d-c-images:/k3d/images'],
    NetworkMode: 'bridge',
    PortBindings: {
      '6443': [{ HostIp: '0.0.0.0', HostPort: '46539' }],
      '80/tcp': [{ HostIp: '', HostPort: '8081' }],
      '85/tcp': [
        { HostIp: '', HostPort: '' },
        { HostIp: '127.0.0.1', HostPort: '8085' },
      ],
      '53/udp': [{ HostIp: '::1', HostPort: '5353' }],
    },
    RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    Privileged: true,
    Init: true,
    Memory: 0,
    Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 2000 }],
    SecurityOpt: ['label=disable'],
    ConsoleSize: [0, 0],
    Tmpfs: { '/run': '' },
  },
  NetworkSettings: {
    Ports: {
      '6443/tcp': [{ HostIp: '0.0.0.0', HostPort: '46539' }],
      '85/tcp': [
        { HostIp: '0.0.0.0', HostPort: '49153' },
        { HostIp: '::', HostPort: '49153' },
        { HostIp: '127.0.0.1', HostPort: '8085' },
      ],
    },
    Networks: {
      aside: { IPAMConfig: null },
      'k3d-c': { IPAMConfig: { IPv4Address: '172.20.0.9' }, Aliases: ['ef706764f01e'] },
    },
  },
} as unknown as ContainerInspect;

describe('the container that replaces a load balancer', () => {
  const body = replacementContainer(OLD, {
    name: 'k3d-c-serverlb',
    image: 'proxy:1',
    bindings: bindingsOf(OLD),
    network: { name: 'waiting' },
  });

  it('has all that the old one was given, each variable once, with its last value', () => {
    expect(body.Env).toEqual(['A=2', 'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml', 'PATH=/bin']);
    expect(body.Labels).toMatchObject({ app: 'k3d', 'k3d.role': 'loadbalancer', mine: 'yes' });
    expect(body.HostConfig).toEqual({
      Binds: ['k3d-c-images:/k3d/images'],
      NetworkMode: 'bridge',
      PortBindings: body.HostConfig.PortBindings,
      RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
      Privileged: true,
      Init: true,
      Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 2000 }],
      SecurityOpt: ['label=disable'],
      Tmpfs: { '/run': '' },
    });
    expect(body.NetworkingConfig).toEqual({ EndpointsConfig: { waiting: {} } });
  });

  it('keeps the host port that Docker picked for the old one', () => {
    expect(body.HostConfig.PortBindings).toEqual({
      ...OLD.HostConfig.PortBindings,
      '85/tcp': [
        { HostIp: '', HostPort: '49153' },
        { HostIp: '127.0.0.1', HostPort: '8085' },
      ],
    });
    expect(bindingsOf(OLD).map(bindingSpec)).toEqual([
      '46539:6443',
      '8081:80',
      '49153:85',
      '127.0.0.1:8085:85',
      '[::1]:5353:53/udp',
    ]);
    expect(toPortBindings(bindingsOf(OLD))).toEqual(body.HostConfig.PortBindings);
    expect(nodePortsOf([{ containerPort: 1, protocol: 'tcp', hostIP: '', hostPort: '' }])[0]!.hostPort).toBe(0);
  });

  it('joins the cluster’s network first, with its fixed address, then the others', () => {
    expect(networksOf(OLD, 'k3d-c')).toEqual([{ name: 'k3d-c', ipv4: '172.20.0.9' }, { name: 'aside' }]);
    expect(networksOf({ ...OLD, NetworkSettings: {} }, 'k3d-c')).toEqual([{ name: 'k3d-c' }]);
  });
});

describe('which of several load balancers serves', () => {
  const waiting = [{ name: 'k3d-c-serverlb-AAAAA', id: 'w', ip: '198.18.0.2' }];
  const stopped = { running: false, state: 'exited' } as const;
  const node = (name: string, changes = {}) => madeNode(name, 'loadbalancer', changes);

  it('the one that runs on the cluster’s network, else the one that did', () => {
    const right = node('k3d-c-serverlb');
    const aside = node('k3d-c-serverlb-AAAAA');
    const pick = (...nodes: ReturnType<typeof node>[]) => chooseLoadBalancer(nodes, 'c')?.name;
    expect(pick(aside, right)).toBe('k3d-c-serverlb');
    expect(pick({ ...right, networks: waiting }, aside)).toBe('k3d-c-serverlb-AAAAA');
    expect(pick({ ...right, networks: waiting }, { ...aside, ...stopped })).toBe('k3d-c-serverlb-AAAAA');
    expect(pick({ ...right, running: false, state: 'created' }, { ...aside, ...stopped })).toBe('k3d-c-serverlb-AAAAA');
    expect(pick({ ...aside, ...stopped }, right)).toBe('k3d-c-serverlb');
    expect(chooseLoadBalancer([], 'c')).toBeUndefined();
  });

  it('and the others are left over, but for what has another name or serves', () => {
    const cluster = madeCluster();
    cluster.others = [
      node('k3d-c-serverlb-AAAAA', stopped),
      node('k3d-c-serverlb-BBBBB', { networks: waiting }),
      node('k3d-c-serverlb-CCCCC'),
      node('my-own', stopped),
      madeNode('k3d-c-tools', 'tools', stopped),
    ];
    expect(leftByReplacement(cluster).map(({ name }) => name)).toEqual([
      'k3d-c-serverlb-AAAAA',
      'k3d-c-serverlb-BBBBB',
    ]);
  });

  it('is what the inventory shows', () => {
    const row = (name: string, state: string, role = 'loadbalancer') =>
      ({
        Id: name,
        Names: [`/${name}`],
        State: state,
        Image: 'i',
        ImageID: 'i',
        Created: 1,
        Labels: { app: 'k3d', 'k3d.role': role, 'k3d.cluster': 'c' },
      }) as ContainerSummary;
    const rows = [
      row('k3d-c-server-0', 'running', 'server'),
      row('k3d-c-serverlb', 'created'),
      row('k3d-c-serverlb-AAAAA', 'running'),
    ];
    const [cluster] = clustersFrom(rows, [], []).clusters;
    expect(cluster!.loadBalancer!.name).toBe('k3d-c-serverlb-AAAAA');
    expect(cluster!.faults.join()).toContain('more than one load balancer');
  });
});

describe('the plan of a change', () => {
  const model = {
    ports: { '80.tcp': ['k3d-c-server-0'], '6443.tcp': ['k3d-c-server-0'] },
    settings: { workerConnections: 1024 },
  };
  const facts = {
    images: new Map([['sha256:2491', { reference: 'sha256:2491', present: true }]]),
    networks: [{ Id: 'x', Name: 'taken', Driver: 'bridge', IPAM: { Config: [{ Subnet: '198.19.138.64/28' }] } }],
    containers: [],
    sockets: [],
    fresh: { token: 'AbcdeFghijKlmnoPqrst', apiPort: 1, registryPort: 2 },
    stoppedPorts: [{ container: 'k3d-b-serverlb', cluster: 'b', hostIP: '', port: 9000, protocol: 'tcp' }],
  } as unknown as Facts;
  const change = { add: [{ port: '9000:90', nodeFilters: ['agent:0'] }], remove: [] };

  it('prepares all beside the old one, and touches it only in the hand-over', () => {
    const plan = planPortEdit(madeCluster(), model, OLD, change, facts);
    expect(plan.steps.map(({ action }) => action.kind)).toEqual([
      'network.create',
      'container.create',
      'files.write',
      'loadbalancer.check',
      'container.start',
      'ready',
      'loadbalancer.handover',
      'loadbalancer.tidy',
    ]);
    expect(plan.steps[0]!.action).toMatchObject({
      body: { Name: 'k3d-c-serverlb-Abcde', Internal: true, IPAM: { Config: [{ Subnet: '198.19.138.96/28' }] } },
    });
    expect(plan.steps[6]!.action).toMatchObject({
      old: 'id-of-k3d-c-serverlb',
      fresh: 'k3d-c-serverlb-Abcde',
      aside: 'k3d-c-serverlb-Fghij',
      networks: [{ name: 'k3d-c', ipv4: '172.20.0.9' }, { name: 'aside' }],
    });
    expect(plan.warnings).toEqual([expect.stringMatching(/9000\/tcp is also wanted by k3d-b-serverlb \(cluster b\)/)]);
    expect(planPortEdit(madeCluster(), model, OLD, change, facts)).toEqual({
      ...plan,
      steps: expect.any(Array),
    });
  });

  it('starts nothing for a stopped cluster', () => {
    const cluster = madeCluster();
    cluster.loadBalancer = madeNode('k3d-c-serverlb', 'loadbalancer', { running: false, state: 'exited' });
    cluster.serversRunning = 0;
    const kinds = planPortEdit(cluster, model, OLD, change, facts).steps.map(({ action }) => action.kind);
    expect(kinds).toEqual(['container.create', 'files.write', 'loadbalancer.handover', 'loadbalancer.tidy']);
  });

  it('names every stopped container that wants the port', () => {
    expect(stoppedPortOwners(facts, { hostIP: '127.0.0.1', port: 9000, protocol: 'tcp' })).toEqual([
      'k3d-b-serverlb (cluster b)',
    ]);
    expect(stoppedPortOwners(facts, { hostIP: '', port: 9000, protocol: 'udp' })).toEqual([]);
    expect(stoppedPortOwners(facts, { hostIP: '', port: 9000, protocol: 'tcp' }, new Set(['k3d-b-serverlb']))).toEqual(
      [],
    );
  });
});

describe('a line by line comparison', () => {
  it('shows what differs with a little around it', () => {
    const text = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].join('\n');
    expect(lineDiff(text, text)).toEqual([]);
    const changed = lineDiff(text, text.replace('b', 'B').replace('i', 'i\nj'), 1).map(({ sign, text }) => sign + text);
    expect(changed).toEqual([' a', '-b', '+B', ' c', ' …', ' i', '+j']);
  });
});
