import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LastTime } from '../../components/dialogs/create/advisor.ts';
import type { NamedProblem } from '../../components/dialogs/create/problems.ts';
import { CreateCluster } from '../../components/dialogs/create-cluster.tsx';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { K3duiError } from '../../src/errors.ts';
import { show } from './dialog-harness.tsx';

const planOf = (spec: ClusterSpec): Plan => ({
  title: `create cluster ${spec.name}`,
  command: `k3dui cluster create ${spec.name} --agents ${spec.agents}`,
  cluster: spec.name,
  steps: [
    {
      id: 'network',
      title: 'create network',
      after: [],
      action: { kind: 'network.create', body: { Name: `k3d-${spec.name}`, Driver: 'bridge' } },
    },
    {
      id: 'server',
      title: 'create',
      subject: `k3d-${spec.name}-server-0`,
      after: ['network'],
      action: {
        kind: 'container.create',
        name: `k3d-${spec.name}-server-0`,
        body: {
          Image: spec.image,
          HostConfig: { PortBindings: { '6443/tcp': [{ HostIp: '0.0.0.0', HostPort: '6550' }] } },
        },
      },
    },
  ],
  warnings: ['with two servers etcd stands still as soon as one is down'],
  onFailure: 'undo',
  timeoutSeconds: 300,
  secrets: [],
});

interface World {
  problems?: (spec: ClusterSpec) => NamedProblem[];
  plan?: (spec: ClusterSpec) => Promise<Plan>;
  width?: number;
  height?: number;
  initial?: Partial<ClusterSpec>;
  versions?: () => Promise<string[]>;
  last?: LastTime;
  replaces?: boolean;
}

let unmount = () => {};
afterEach(() => unmount());

async function form(world: World = {}) {
  const { width = 80, height = 24 } = world;
  const onApply = vi.fn<(plan: Plan, spec: ClusterSpec) => void>();
  const onCancel = vi.fn();
  const dialog = await show(
    <CreateCluster
      initial={{ ...defaultClusterSpec('rancher/k3s:v1.33.1-k3s1'), ...world.initial }}
      images={['rancher/k3s:v1.33.1-k3s1', 'rancher/k3s:v1.31.5-k3s1', 'nginx:1']}
      networks={['bridge', 'office']}
      check={async spec => world.problems?.(spec) ?? []}
      plan={world.plan ?? (async spec => planOf(spec))}
      last={world.last}
      replaces={world.replaces ?? false}
      {...(world.versions ? { versions: world.versions } : {})}
      onApply={onApply}
      onCancel={onCancel}
      screenWidth={width}
      screenHeight={height}
    />,
    { width, height },
  );
  unmount = dialog.unmount;
  const applied = () => onApply.mock.calls[0]![1];
  return { ...dialog, onApply, onCancel, applied };
}

const row = (frame: string, label: string) => frame.split('\n').find(line => line.includes(label)) ?? '';

describe('creating a cluster', () => {
  test('a name, a number of agents and a port are all it takes', async () => {
    const dialog = await form();
    await dialog.type('demo');
    await dialog.press('Down', 'Down', '+', '+');
    await dialog.press('Down', 'Down', 'Down');
    await dialog.type('8080:80@loadbalancer');
    await dialog.press('Enter', 'Enter');
    await dialog.until('▸ Create ◂');
    expect(dialog.frame()).toContain('create network k3d-demo');
    expect(dialog.frame()).toContain('create container k3d-demo-server-0 from rancher/k3s:v1.33.1-k3s1,');
    expect(dialog.frame()).toContain('ports 6550→6443');
    expect(dialog.frame()).toContain('etcd stands still');
    expect(dialog.frame()).toContain('$ k3dui cluster create demo --agents 2');
    expect(dialog.onApply).not.toHaveBeenCalled();
    await dialog.press('Enter');
    expect(dialog.onApply).toHaveBeenCalledOnce();
    expect(dialog.applied()).toMatchObject({
      name: 'demo',
      servers: 1,
      agents: 2,
      ports: [{ port: '8080:80', nodeFilters: ['loadbalancer'] }],
      loadBalancer: true,
      wait: true,
    });
  });

  test('what is typed first takes the place of the proposed name', async () => {
    const dialog = await form();
    expect(row(dialog.frame(), 'Name')).toContain('k3s-default');
    await dialog.type('x');
    expect(row(dialog.frame(), 'Name')).toMatch(/Name\s+x\s/);
  });

  test('a mistake shows under its field with the way out, and goes when it is put right', async () => {
    const dialog = await form();
    await dialog.type('no_good');
    await dialog.until(/not a valid hostname/);
    expect(dialog.frame()).toContain('use letters, digits and dashes');
    await dialog.press('Ctrl-U');
    await dialog.type('good');
    await dialog.untilGone('valid hostname');
  });

  test('a taken port names its owner at the line that asks for it', async () => {
    const taken = (spec: ClusterSpec) =>
      spec.ports.some(({ port }) => port.startsWith('8081'))
        ? [{ field: 'ports', message: 'host port 8081/tcp is taken by nginx (812)', severity: 'error' as const }]
        : [];
    const dialog = await form({ problems: taken });
    await dialog.press('Down', 'Down', 'Down', 'Down', 'Down');
    await dialog.type('8080:80');
    await dialog.press('Enter');
    await dialog.type('8081:81');
    await dialog.press('Enter');
    await dialog.type('8082:82');
    await dialog.until('taken by nginx (812)');
    const lines = dialog.frame().split('\n');
    expect(lines[lines.findIndex(line => line.includes('8081:81')) + 1]).toContain('taken by nginx');
    await dialog.press('Up', 'Ctrl-U');
    await dialog.type('9090:81');
    await dialog.untilGone('taken by nginx');
  });

  test('going on with a mistake goes to it instead, also when it is among the folded options', async () => {
    const dialog = await form({ initial: { subnet: '300.0.0.0/16' } });
    expect(dialog.frame()).not.toContain('300.0.0.0');
    await dialog.press('Enter');
    await dialog.until('300.0.0.0/16');
    expect(row(dialog.frame(), 'Subnet')).toContain('▸');
    expect(dialog.frame()).not.toContain('▸ Create ◂');
  });

  test('Esc from the preview loses nothing that was typed', async () => {
    const dialog = await form();
    await dialog.type('kept');
    await dialog.press('Tab', '+', '+', 'Enter');
    await dialog.until('▸ Create ◂');
    await dialog.press('Esc');
    await dialog.until('More options');
    expect(row(dialog.frame(), 'Name')).toContain('kept');
    expect(row(dialog.frame(), 'Servers')).toContain('3');
    expect(row(dialog.frame(), 'Servers')).toContain('▸');
  });

  test('Esc asks once before it throws away what was typed', async () => {
    const dialog = await form();
    await dialog.type('work');
    await dialog.press('Esc');
    await dialog.until('Esc again throws away');
    await dialog.type('s');
    expect(row(dialog.frame(), 'Name')).toContain('works');
    expect(dialog.onCancel).not.toHaveBeenCalled();
    await dialog.press('Esc', 'Esc');
    expect(dialog.onCancel).toHaveBeenCalledOnce();
  });

  test('Esc pressed twice so fast that both arrive in one piece counts twice', async () => {
    const dialog = await form();
    await dialog.type('work');
    await dialog.type('\x1b\x1b');
    await vi.waitFor(() => expect(dialog.onCancel).toHaveBeenCalledOnce());
  });

  test('Esc leaves at once when nothing was typed', async () => {
    const dialog = await form();
    await dialog.press('Esc');
    expect(dialog.onCancel).toHaveBeenCalledOnce();
  });

  test('several lines pasted into a list are several entries', async () => {
    const dialog = await form();
    await dialog.press('Down', 'Down', 'Down', 'Down', 'Down');
    await dialog.paste('8080:80@loadbalancer\n8443:443@loadbalancer\n\n9000:9000\n');
    await dialog.press('Enter');
    await dialog.until('▸ Create ◂');
    await dialog.press('Enter');
    expect(dialog.applied().ports.map(({ port }) => port)).toEqual(['8080:80', '8443:443', '9000:9000']);
  });

  test('lines pasted into one line stay one', async () => {
    const dialog = await form();
    await dialog.paste('my\ncluster');
    expect(row(dialog.frame(), 'Name')).toContain('my cluster');
    await dialog.until(/not a valid hostname/);
  });

  test('an emptied entry of a list goes away', async () => {
    const dialog = await form({
      initial: {
        ports: [
          { port: '1:1', nodeFilters: [] },
          { port: '2:2', nodeFilters: [] },
        ],
      },
    });
    await dialog.press('Down', 'Down', 'Down', 'Down', 'Down', 'Ctrl-U', 'Up', 'Down');
    expect(row(dialog.frame(), 'Ports')).toContain('2:2');
    await dialog.press('Enter', 'Enter');
    await dialog.until('▸ Create ◂');
    await dialog.press('Enter');
    expect(dialog.applied().ports.map(({ port }) => port)).toEqual(['2:2']);
  });

  test('Ctrl-O also offers what is published, as soon as that is known', async () => {
    let answer = (_: string[]) => {};
    const versions = () =>
      new Promise<string[]>(resolve => {
        answer = resolve;
      });
    const dialog = await form({ versions });
    await dialog.press('Down', 'Down', 'Down', 'Ctrl-O');
    await dialog.until('asking what else is published');
    expect(dialog.frame()).toContain('rancher/k3s:v1.31.5-k3s1');
    answer(['docker.io/rancher/k3s:v1.35.5-k3s1']);
    await dialog.until('v1.35.5-k3s1');
    await dialog.press('End', 'Enter');
    await dialog.press('Enter');
    await dialog.until('▸ Create ◂');
    await dialog.press('Enter');
    expect(dialog.applied().image).toBe('docker.io/rancher/k3s:v1.35.5-k3s1');
  });

  test('without a way to the registry Ctrl-O offers what Docker has, and says so', async () => {
    const dialog = await form({ versions: () => Promise.reject(new Error('no connection')) });
    await dialog.press('Down', 'Down', 'Down', 'Ctrl-O');
    await dialog.until('is not known: no connection');
    expect(dialog.frame()).toContain('rancher/k3s:v1.31.5-k3s1');
  });

  test('Ctrl-O offers the images that Docker has', async () => {
    const dialog = await form();
    await dialog.press('Down', 'Down', 'Down', 'Ctrl-O');
    await dialog.until('nginx:1');
    expect(dialog.frame()).toContain('stable');
    await dialog.press('Down', 'Enter');
    expect(row(dialog.frame(), 'Image')).toContain('rancher/k3s:v1.31.5-k3s1');
  });

  test('every option reaches the spec', async () => {
    const dialog = await form();
    await dialog.type('all');
    await dialog.press('Down', '+', 'Down', '+', 'Down', 'Ctrl-U');
    await dialog.type('stable');
    await dialog.press('Down');
    await dialog.type('127.0.0.1:6550');
    await dialog.press('Down', 'Down');
    await dialog.type('dev, other');
    await dialog.press('Down');
    await dialog.type('own:5000');
    await dialog.press('Down', 'Enter', 'Down');
    await dialog.type('docker.io');
    await dialog.press('Down', 'n', 'Down');
    await dialog.type('/r.yaml');
    await dialog.press('Down');
    const lists = [
      '/srv:/data@agent:*',
      'A=b\\@c@server:0',
      '--disable=traefik@server:*',
      'disk=ssd@agent:0',
      'owner=me@all',
      '10.0.0.5:git.local,registry.local',
    ];
    for (const text of lists) {
      await dialog.type(text);
      await dialog.press('Down', 'Down');
    }
    for (const text of ['office', '10.9.0.0/16', 'secret']) {
      await dialog.type(text);
      await dialog.press('Down');
    }
    await dialog.press('Down');
    await dialog.type('settings.workerConnections=2048');
    await dialog.press('Down', 'Down', 'n', 'Down');
    for (const text of ['2g', '512m']) {
      await dialog.type(text);
      await dialog.press('Down');
    }
    await dialog.type('nofile=1024:2048');
    await dialog.press('Down', 'Down');
    await dialog.type('all');
    await dialog.press('Down', 'y', 'Down', 'Space', 'Down');
    await dialog.type('5m');
    await dialog.press('Down', 'n', 'Down', 'n', 'Down', 'n', 'Enter');
    await dialog.until('▸ Create ◂');
    await dialog.press('Enter');
    expect(dialog.applied()).toMatchObject({
      name: 'all',
      servers: 2,
      agents: 1,
      image: 'stable',
      kubeAPI: { host: '127.0.0.1', hostIP: '127.0.0.1', hostPort: '6550' },
      volumes: [{ volume: '/srv:/data', nodeFilters: ['agent:*'] }],
      env: [{ envVar: 'A=b@c', nodeFilters: ['server:0'] }],
      k3sArgs: [{ arg: '--disable=traefik', nodeFilters: ['server:*'] }],
      k3sNodeLabels: [{ label: 'disk=ssd', nodeFilters: ['agent:0'] }],
      runtimeLabels: [{ label: 'owner=me', nodeFilters: ['all'] }],
      hostAliases: [{ ip: '10.0.0.5', hostnames: ['git.local', 'registry.local'] }],
      registries: {
        use: ['dev', 'other'],
        create: { name: 'own', hostPort: '5000', proxy: { remoteURL: 'https://registry-1.docker.io' } },
        config: '/r.yaml',
      },
      network: 'office',
      subnet: '10.9.0.0/16',
      token: 'secret',
      loadBalancer: true,
      lbConfigOverrides: ['settings.workerConnections=2048'],
      imageVolume: false,
      serversMemory: '2g',
      agentsMemory: '512m',
      runtimeUlimits: [{ name: 'nofile', soft: 1024, hard: 2048 }],
      gpus: 'all',
      hostPidMode: true,
      wait: false,
      timeoutSeconds: 300,
      rollback: false,
      updateDefaultKubeconfig: false,
      switchContext: false,
    });
  }, 60_000);

  test.each([
    [80, 24],
    [100, 30],
    [160, 45],
  ])(
    'fits %i×%i with everything unfolded, the focused field always in sight',
    async (width, height) => {
      const dialog = await form({ width, height });
      await dialog.press('Up', 'Down', 'Down', 'Down', 'Down', 'Down', 'Down', 'Enter');
      for (let step = 0; step < 27; step++) {
        await dialog.press('Down');
        const lines = dialog.frame().split('\n');
        expect(lines.length).toBeLessThanOrEqual(height);
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
        expect(dialog.frame()).toMatch(/▸ (?!More)/);
      }
    },
    60_000,
  );

  test('wide names keep the frame whole', async () => {
    const dialog = await form();
    await dialog.type('クラスタ界界');
    const edges = dialog
      .frame()
      .split('\n')
      .filter(line => line.includes('│'));
    expect(edges.length).toBeGreaterThan(10);
    for (const line of edges) expect(line.trimEnd()).toMatch(/^│.*│$/);
  });

  test('hostile words of the engine cannot leave their line', async () => {
    const dialog = await form({
      problems: () => [
        {
          field: 'name',
          message: 'bad\x1b[2J\x1b]0;t\x07 \u202eeman\nline',
          hint: 'do\x9b31m this',
          severity: 'error',
        },
      ],
    });
    await dialog.type('x');
    await dialog.until('bad');
    expect(dialog.frame()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  test('when there can be no plan, it says why and what to do', async () => {
    const plan = async () => {
      throw new K3duiError({ code: 'DOCKER_UNREACHABLE', message: 'the engine does not answer', hint: 'start Docker' });
    };
    const dialog = await form({ plan });
    await dialog.press('Enter');
    await dialog.until('the engine does not answer');
    expect(dialog.frame()).toContain('start Docker');
    await dialog.type('y');
    await dialog.untilGone('the engine does not answer');
  });

  test('Esc while the plan is being made goes back, and the late plan changes nothing', async () => {
    let answer: (plan: Plan) => void = () => {};
    const dialog = await form({ plan: () => new Promise(resolve => (answer = resolve)) });
    await dialog.type('slow');
    await dialog.press('Enter');
    await dialog.until('Looking at what is there');
    await dialog.press('Esc');
    answer(planOf({ ...defaultClusterSpec('i'), name: 'slow' }));
    await dialog.untilGone('Looking at what is there');
    expect(row(dialog.frame(), 'Name')).toContain('slow');
    expect(dialog.frame()).not.toContain('▸ Create ◂');
  });

  test('a token is hidden while the focus is elsewhere', async () => {
    const dialog = await form({ initial: { token: 'hunter2' } });
    await dialog.press('Down', 'Down', 'Down', 'Down', 'Down', 'Down', 'Down', 'Down', 'Enter');
    for (let step = 0; step < 11; step++) await dialog.press('Down');
    expect(dialog.frame()).toContain('•••••••');
    expect(dialog.frame()).not.toContain('hunter2');
  });

  test('Ctrl-L fills it in like the last time, and says what was not kept', async () => {
    const spec = { ...defaultClusterSpec('rancher/k3s:v1.31.5-k3s1'), name: 'again', agents: 3 };
    const env = [{ envVar: 'A=1', nodeFilters: ['server:0'] }];
    const dialog = await form({ last: { spec: { ...spec, env }, missing: ['the token; a new one is made'] } });
    expect(dialog.frame()).toContain('Ctrl-L like last time');
    await dialog.press('Ctrl-L');
    await dialog.until('Filled in like the last time, without the token; a new one is made.');
    expect(row(dialog.frame(), 'Name')).toContain('again');
    expect(row(dialog.frame(), 'Agents')).toContain('3');
    expect(dialog.frame()).toContain('A=1@server:0');
    await dialog.press('Enter');
    await dialog.until('▸ Create ◂');
    await dialog.press('Enter');
    expect(dialog.applied()).toEqual({ ...spec, env });
  });

  test('what was kept and cannot be read is told, and the form stays as it is', async () => {
    const dialog = await form({ last: { problem: 'what the last cluster was made of cannot be used' } });
    await dialog.type('mine');
    await dialog.press('Ctrl-L');
    await dialog.until('cannot be used');
    expect(row(dialog.frame(), 'Name')).toContain('mine');
  });

  test('without a last time Ctrl-L is not offered, and says why it does nothing', async () => {
    const dialog = await form();
    expect(dialog.frame()).not.toContain('Ctrl-L');
    await dialog.type('mine');
    await dialog.press('Ctrl-L');
    await dialog.until('no cluster was created from here yet');
    expect(row(dialog.frame(), 'Name')).toContain('mine');
  });

  test('one that is made anew keeps its name, and Enter alone does not do it', async () => {
    const dialog = await form({ replaces: true, initial: { name: 'demo' } });
    expect(dialog.frame()).toContain('Make demo anew');
    expect(row(dialog.frame(), 'Image')).toContain('▸');
    await dialog.press('Enter');
    await dialog.until('▸ Back ◂');
    await dialog.press('Enter');
    await dialog.untilGone('▸ Back ◂');
    expect(dialog.onApply).not.toHaveBeenCalled();
  });
});
