import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { ContainerCreate, ContainerInspect, ContainerSummary, NetworkInspect } from '../../src/docker/types.ts';
import { planClusterCreate } from '../../src/engine/cluster/create.ts';
import type { Facts } from '../../src/engine/cluster/facts.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { NETWORK_ID, NETWORK_RANGE } from '../../src/engine/plan.ts';
import { OBJECT_DIFFERENCES } from '../differences-from-k3d.ts';
import { actions, engineWith, factsWith } from './plan-kit.ts';
import { requestOfLine } from './recorded-clusters.ts';

/**
 * What k3dui plans for a command line, held against what real k3d 5.9 left in Docker for the same: every field that k3d
 * reads back. Differences on purpose are in test/differences-from-k3d.ts.
 */
const RECORDED = join(import.meta.dirname, '..', 'fixtures', 'k3d', 'create');

/** Files that registries bring, in servers and agents. */
const REGISTRY_FILES = ['/etc/rancher/k3s/registries.yaml', '/tmp/localRegistryHostingCM.yaml'];

interface Recorded {
  containers: ContainerInspect[];
  networks: NetworkInspect[];
  volumes: { Name: string; Labels: Record<string, string> }[];
}

const cases = readdirSync(RECORDED)
  .map(name => ({ name, line: readFileSync(join(RECORDED, name, 'cmd.txt'), 'utf8').trim() }))
  .filter(({ name }) => !existsSync(join(RECORDED, name, 'exit.txt')));

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

    const makes = recorded.containers.filter(container => !wasThere(container, line));
    expect(created.map(action => action.name).sort()).toEqual(makes.map(container => container.Name.slice(1)).sort());
    for (const container of makes) {
      const node = container.Name.slice(1);
      const body = created.find(action => action.name === node)!.body;
      const left = OBJECT_DIFFERENCES.filter(difference => difference.of(node, line)).map(
        difference => difference.field,
      );
      expect(without(planned(body, network, joined(plan, node)), left), node).toEqual(
        without(readBack(container), left),
      );
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
    for (const container of recorded.containers.filter(({ Config }) => isK3s(Config.Labels))) {
      const node = container.Name.slice(1);
      const written = actions(plan, 'files.write').filter(action => action.container === node);
      const found = written.flatMap(action => action.files).filter(file => REGISTRY_FILES.includes(file.path));
      const theirs = REGISTRY_FILES.flatMap(path => (files[node]?.[path] ? [[path, files[node][path]]] : []));
      expect(found.map(file => [file.path, { mode: `0${file.mode.toString(8)}`, text: file.content }])).toEqual(theirs);
    }
    for (const container of recorded.containers.filter(one => wasThere(one, line))) {
      expect(joined(plan, container.Name.slice(1))).toEqual([network.Name]);
    }
  });

  it('asked for it, a registry listens on the port that it is published on, under all names there are', () => {
    const recorded = JSON.parse(readFileSync(join(RECORDED, '27-registry-create', 'objects.json'), 'utf8')) as Recorded;
    const plan = planFor(
      'k3d cluster create rc --registry-create rcreg:0.0.0.0:5001 --enforce-registry-port-match',
      recorded,
    );
    const registry = actions(plan, 'container.create').find(action => action.name === 'rcreg')!.body;
    expect(registry.Env).toContain('REGISTRY_HTTP_ADDR=:5001');
    expect(registry.HostConfig.PortBindings).toEqual({ '5001/tcp': [{ HostIp: '0.0.0.0', HostPort: '5001' }] });
    expect(registry.Labels).toMatchObject({
      'k3s.registry.port.external': '5001',
      'k3s.registry.port.internal': '5001',
    });
    const [file] = actions(plan, 'files.write')
      .flatMap(action => action.files)
      .filter(one => one.path === REGISTRY_FILES[0]);
    expect(load(String(file!.content))).toEqual({
      mirrors: {
        'rcreg:5000': { endpoint: ['http://rcreg:5001'], rewrite: {} },
        'rcreg:5001': { endpoint: ['http://rcreg:5001'], rewrite: {} },
      },
      configs: {},
      auths: {},
    });
  });
});

const isK3s = (labels: ContainerInspect['Config']['Labels']) => /^(server|agent)$/.test(labels?.['k3d.role'] ?? '');

/** A registry that was made before, and is only used. */
const wasThere = ({ Config }: ContainerInspect, line: string) =>
  Config.Labels?.['k3d.role'] === 'registry' && line.includes('--registry-use');

/** Networks that a container joins after it was made. */
const joined = (plan: Plan, node: string) =>
  actions(plan, 'network.connect')
    .filter(action => action.container === node)
    .map(action => action.network);

function planFor(line: string, recorded: Recorded): Plan {
  const { spec, env } = requestOfLine(line);
  const facts = factsOf(line, recorded, env);
  const inFile = spec.registries.config;
  if (inFile?.includes('\n')) facts.registryFacts = { settings: new Map(), config: { text: inFile } };
  return planClusterCreate(spec, facts);
}

/** The engine as it was before that command: nothing on it, but the network that is joined. */
function factsOf(line: string, recorded: Recorded, env: Record<string, string>): Facts {
  const server = recorded.containers.find(container => container.Config.Labels?.['k3d.role'] === 'server')!;
  const labels = server.Config.Labels!;
  const registry = recorded.containers.find(container => container.Config.Labels?.['k3d.role'] === 'registry');
  const config = /--registry-config \S*\/(\S+)/.exec(line)?.[1];
  return factsWith({
    engine: engineWith('1'),
    containers: registry && wasThere(registry, line) ? [summaryOf(registry, recorded.networks[0]!.Name)] : [],
    networks: line.includes('--network') ? recorded.networks : [],
    fresh: {
      token: labels['k3d.cluster.token']!,
      apiPort: Number(labels['k3d.server.api.port']),
      registryPort: Number(registry?.Config.Labels?.['k3s.registry.port.external']),
    },
    // k3d's home when it was recorded.
    env: { HOME: '/tmp/bedhome', ...env },
    ...(config && {
      registryFacts: {
        settings: new Map(),
        config: { text: readFileSync(join(RECORDED, '31-registry-config', config), 'utf8') },
      },
    }),
  });
}

/** A registry as it was before a cluster used it. */
function summaryOf({ Id, Name, Image, Config, NetworkSettings }: ContainerInspect, joins: string): ContainerSummary {
  const { [joins]: _, ...Networks } = NetworkSettings.Networks ?? {};
  const port = Number(Config.Labels?.['k3s.registry.port.external']);
  return {
    Id,
    Names: [Name],
    Image: Config.Image,
    ImageID: Image,
    Created: 0,
    State: 'running',
    Labels: Config.Labels ?? {},
    Ports: [{ IP: '0.0.0.0', PrivatePort: 5000, PublicPort: port, Type: 'tcp' }],
    NetworkSettings: { Networks },
  };
}

/** What k3d reads back of a container (pkg/runtimes/docker/translate.go), from a plan. */
function planned(body: ContainerCreate, network: NetworkInspect, joins: string[] = []) {
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
    addresses: [
      ...Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {}).map(([name, endpoint]) => [
        name,
        endpoint.IPAMConfig?.IPv4Address,
      ]),
      ...joins.map(name => [name, undefined]),
    ],
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
    Cmd: Config.Labels!['k3d.role'] === 'registry' ? undefined : (Config.Cmd ?? undefined),
    Entrypoint: /^\/(bin\/k3s|entrypoint.sh)$/.test(Config.Entrypoint?.[0] ?? '')
      ? undefined
      : (Config.Entrypoint ?? undefined),
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
