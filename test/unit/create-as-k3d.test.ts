import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addCreateFlags } from '../../src/cli/cluster-create-flags.ts';
import { clusterSpecFromFlags } from '../../src/cli/cluster-flags.ts';
import { normaliseFlags } from '../../src/cli/normalise-flags.ts';
import type { ContainerCreate, ContainerInspect, EngineInfo, NetworkInspect } from '../../src/docker/types.ts';
import { planClusterCreate } from '../../src/engine/cluster/create.ts';
import type { Facts } from '../../src/engine/cluster/facts.ts';
import type { Action, Plan } from '../../src/engine/plan.ts';
import { NETWORK_ID, NETWORK_RANGE } from '../../src/engine/plan.ts';

/**
 * What k3dui plans for a command line, held against what real k3d 5.9 left in Docker for the same: every field that k3d
 * reads back. The differences on purpose are in DIFFERENCES, each with its reason.
 */
const RECORDED = join(import.meta.dirname, '..', 'fixtures', 'k3d', 'create');

/** Needs what comes later (registries, config files). */
const LATER = /--registry-|--config/;

/** Fields that are not compared, and why. */
const DIFFERENCES: { field: string; reason: string; of: (name: string, line: string) => boolean }[] = [
  {
    field: 'Entrypoint',
    reason: "the load balancer starts through our script, as k3d-proxy's own sleeps six seconds first",
    of: name => name.endsWith('-serverlb'),
  },
  {
    field: 'addresses',
    reason: 'in a subnet of ours every node has a fixed address: Docker could give a server’s to an agent',
    of: (name, line) => line.includes('--subnet') && !name.includes('-server-'),
  },
  {
    field: 'addresses',
    reason:
      'of several servers each has a fixed address: etcd knows its members by address, and Docker hands them out anew',
    of: (_, line) => /--servers [2-9]/.test(line),
  },
  {
    field: 'Binds',
    reason: 'kubelet is not yet told of a memory limit (k3d mounts a made-up /proc/meminfo)',
    of: (_, line) => line.includes('-memory'),
  },
];

interface Recorded {
  containers: ContainerInspect[];
  networks: NetworkInspect[];
  volumes: { Name: string; Labels: Record<string, string> }[];
}

const cases = readdirSync(RECORDED)
  .map(name => ({ name, line: readFileSync(join(RECORDED, name, 'cmd.txt'), 'utf8').trim() }))
  .filter(({ name, line }) => !LATER.test(line) && !existsSync(join(RECORDED, name, 'exit.txt')));

describe('cluster create makes what k3d makes:', () => {
  it.each(cases)('$name: $line', ({ name, line }) => {
    const recorded = JSON.parse(readFileSync(join(RECORDED, name, 'objects.json'), 'utf8')) as Recorded;
    const files = JSON.parse(readFileSync(join(RECORDED, name, 'files.json'), 'utf8')) as Record<
      string,
      Record<string, { mode: string; text?: string }>
    >;
    const plan = planFor(line, recorded);
    const created = actions(plan, 'container.create');
    const network = recorded.networks[0]!;

    expect(created.map(action => action.name).sort()).toEqual(
      recorded.containers.map(container => container.Name.slice(1)).sort(),
    );
    for (const container of recorded.containers) {
      const node = container.Name.slice(1);
      const body = created.find(action => action.name === node)!.body;
      const left = DIFFERENCES.filter(difference => difference.of(node, line)).map(difference => difference.field);
      expect(without(planned(body, network), left), node).toEqual(without(readBack(container), left));
    }
    expect(actions(plan, 'volume.create').map(action => action.name)).toEqual(
      recorded.volumes.filter(volume => volume.Labels?.['k3d.cluster']).map(volume => volume.Name),
    );
    for (const action of actions(plan, 'network.create')) {
      expect(action.body).toMatchObject({
        Name: network.Name,
        Driver: network.Driver,
        Options: network.Options,
        Labels: network.Labels,
      });
    }
    const values = Object.values(files).flatMap(node => node['/etc/confd/values.yaml'] ?? []);
    const ours = actions(plan, 'files.write')
      .flatMap(action => action.files)
      .filter(file => file.path === '/etc/confd/values.yaml');
    expect(ours.map(file => ({ mode: `0${file.mode.toString(8)}`, text: file.content }))).toEqual(values);
  });
});

function planFor(line: string, recorded: Recorded): Plan {
  const program = new Command().exitOverride().configureOutput({ writeErr() {} });
  const create = program.command('create [NAME]');
  addCreateFlags(create);
  // Flags of every command, which the program takes off before.
  const words = [...line.replaceAll(/ --(trace|timestamps|verbose)/g, '').matchAll(/'([^']*)'|(\S+)/g)].map(
    match => match[1] ?? match[2]!,
  );
  const start = words.indexOf('k3d');
  const env = Object.fromEntries(words.slice(0, start).map(word => word.split('=') as [string, string]));
  let spec: Parameters<typeof planClusterCreate>[0] | undefined;
  create.action(() => {
    spec = clusterSpecFromFlags(create.args[0], create.opts(), {
      env: {},
      defaultImage: 'docker.io/rancher/k3s:v1.21.2-k3s1',
    });
  });
  program.parse(normaliseFlags(program, words.slice(start + 2)), { from: 'user' });
  return planClusterCreate(spec!, factsOf(line, recorded, env));
}

/** The engine as it was before that command: nothing on it, but the network that is joined. */
function factsOf(line: string, recorded: Recorded, env: Record<string, string>): Facts {
  const server = recorded.containers.find(container => container.Config.Labels?.['k3d.role'] === 'server')!;
  const labels = server.Config.Labels!;
  return {
    endpoint: { address: 'unix:///var/run/docker.sock', source: 'test', demo: false },
    engine: { Name: 'test', CgroupVersion: '1', MemTotal: 64e9, OSType: 'linux' } as EngineInfo,
    snapshot: { link: 'live', clusters: [], nodes: [], registries: [], engine: undefined, revision: 1 },
    containers: [],
    networks: line.includes('--network') ? recorded.networks : [],
    sockets: [],
    routes: [],
    images: new Map(),
    hosts: new Map(),
    fresh: { token: labels['k3d.cluster.token']!, apiPort: Number(labels['k3d.server.api.port']), registryPort: 1 },
    env,
  };
}

function actions<K extends Action['kind']>(plan: Plan, kind: K): Extract<Action, { kind: K }>[] {
  return plan.steps.map(step => step.action).filter(action => action.kind === kind) as Extract<Action, { kind: K }>[];
}

/** What k3d reads back of a container (pkg/runtimes/docker/translate.go), from a plan. */
function planned(body: ContainerCreate, network: NetworkInspect) {
  const known: Record<string, string> = {
    [NETWORK_ID]: network.Id,
    [NETWORK_RANGE]: network.IPAM?.Config?.[0]?.Subnet ?? '',
  };
  const { 'k3dui.version': ours, ...labels } = body.Labels ?? {};
  expect(ours).toMatch(/^\d+\.\d+\.\d+/);
  return {
    Hostname: body.Hostname,
    Image: body.Image,
    Env: body.Env,
    Cmd: body.Cmd,
    Entrypoint: body.Entrypoint,
    Labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, known[value] ?? value])),
    Ports: Object.keys(body.ExposedPorts ?? {}).sort(),
    PortBindings: body.HostConfig.PortBindings,
    Binds: body.HostConfig.Binds,
    NetworkMode: body.HostConfig.NetworkMode,
    RestartPolicy: body.HostConfig.RestartPolicy?.Name,
    Privileged: body.HostConfig.Privileged,
    Tmpfs: body.HostConfig.Tmpfs,
    Init: body.HostConfig.Init,
    UsernsMode: body.HostConfig.UsernsMode,
    PidMode: body.HostConfig.PidMode,
    Memory: body.HostConfig.Memory,
    Ulimits: body.HostConfig.Ulimits?.map(({ Name, Soft, Hard }) => ({ Name, Soft, Hard })),
    addresses: Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {}).map(([name, endpoint]) => [
      name,
      endpoint.IPAMConfig?.IPv4Address,
    ]),
  };
}

/** The same from what Docker held. What the image brings (its variables, ports, labels, commands) is no part of it. */
function readBack(container: ContainerInspect): ReturnType<typeof planned> {
  const { Config, HostConfig, NetworkSettings } = container;
  const fromImage = /^(PATH|CRI_CONFIG_FILE|NGINX_VERSION|OS|ARCH)=/;
  const { maintainer: _, ...labels } = Config.Labels!;
  const bindings = HostConfig.PortBindings ?? undefined;
  return {
    Hostname: Config.Hostname,
    Image: Config.Image,
    Env: Config.Env!.filter(variable => !fromImage.test(variable)),
    Cmd: Config.Cmd ?? undefined,
    Entrypoint: Config.Entrypoint?.[0] === '/bin/k3s' ? undefined : (Config.Entrypoint ?? undefined),
    Labels: labels,
    Ports: Object.keys(Config.ExposedPorts ?? {})
      .filter(port => bindings?.[port])
      .sort(),
    PortBindings: bindings,
    Binds: HostConfig.Binds ?? [],
    NetworkMode: HostConfig.NetworkMode,
    RestartPolicy: HostConfig.RestartPolicy?.Name,
    Privileged: HostConfig.Privileged,
    Tmpfs: HostConfig.Tmpfs,
    Init: HostConfig.Init,
    UsernsMode: HostConfig.UsernsMode,
    PidMode: HostConfig.PidMode || undefined,
    Memory: HostConfig.Memory || undefined,
    Ulimits: HostConfig.Ulimits?.map(({ Name, Soft, Hard }) => ({ Name, Soft, Hard })),
    addresses: Object.entries(NetworkSettings.Networks ?? {}).map(([name, endpoint]) => [
      name,
      endpoint.IPAMConfig?.IPv4Address,
    ]),
  };
}

/** The label of a fixed address goes with the address. */
function without<T extends { Labels: Record<string, string> }>(object: T, fields: string[]): Partial<T> {
  if (fields.includes('addresses')) delete object.Labels['k3d.node.staticIP'];
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field))) as Partial<T>;
}
