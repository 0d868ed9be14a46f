import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { addCreateFlags } from '../../src/cli/cluster-create-flags.ts';
import { clusterSpecFromFlags } from '../../src/cli/cluster-flags.ts';
import { normaliseFlags } from '../../src/cli/normalise-flags.ts';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { parseConfig } from '../../src/config/file/parse.ts';
import { specFromConfig } from '../../src/config/file/to-spec.ts';
import type {
  ContainerInspect,
  ContainerSummary,
  ImageInspect,
  NetworkInspect,
  VolumeInspect,
} from '../../src/docker/types.ts';
import type { Facts } from '../../src/engine/cluster/facts.ts';
import type { ClusterReading } from '../../src/engine/cluster/reading.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';
import { parseValues, VALUES_PATH } from '../../src/engine/loadbalancer/values.ts';
import { engineWith, factsWith } from './plan-kit.ts';

/** What real k3d 5.9 left in Docker for a command line. */
export interface Recorded {
  name: string;
  line: string;
  containers: ContainerInspect[];
  networks: NetworkInspect[];
  volumes: VolumeInspect[];
  files: Record<string, Record<string, { mode: string; text?: string }>>;
}

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'k3d', 'create');

export function recordedCreates(): Recorded[] {
  const made = readdirSync(FOLDER).filter(name => !existsSync(join(FOLDER, name, 'exit.txt')));
  return made.map(name => {
    const read = (file: string) => readFileSync(join(FOLDER, name, file), 'utf8');
    return {
      name,
      line: read('cmd.txt').trim(),
      ...JSON.parse(read('objects.json')),
      files: JSON.parse(read('files.json')),
    };
  });
}

/** The variables that k3s' and k3d-proxy's images bring; the recordings do not hold the images. */
const FROM_IMAGE = /^(PATH|CRI_CONFIG_FILE|NGINX_VERSION|OS|ARCH)=/;

/** The recording as the engine would read it from Docker. */
export function readingOf(recorded: Pick<Recorded, 'containers' | 'networks' | 'volumes' | 'files'>): ClusterReading {
  const { containers, networks, volumes, files } = recorded;
  const { clusters, registries } = clustersFrom(containers.map(summaryOf), networks, volumes);
  const cluster = clusters[0]!;
  const values = cluster.loadBalancer && files[cluster.loadBalancer.name]?.[VALUES_PATH]?.text;
  const inspects = containers.map((inspect): [string, ContainerInspect] => {
    const name = inspect.Name.slice(1);
    return [name, { ...inspect, Image: `image of ${name}` }];
  });
  return {
    cluster,
    inspects: new Map(inspects),
    images: new Map(inspects.map(([, inspect]) => [inspect.Image, imageOf(inspect)])),
    network: networks.find(({ Name }) => Name === cluster.network?.name),
    model: values === undefined ? undefined : parseValues(values),
    registriesYaml: files[cluster.servers[0]!.name]?.['/etc/rancher/k3s/registries.yaml']?.text,
    registries: registries.filter(node => node.networks.some(({ name }) => name === cluster.network?.name)),
    reachable: '127.0.0.1',
  };
}

function imageOf({ Config }: ContainerInspect): ImageInspect {
  return {
    Id: '',
    Size: 0,
    Config: {
      Env: (Config.Env ?? []).filter(variable => FROM_IMAGE.test(variable)),
      Labels: Object.fromEntries(Object.entries(Config.Labels ?? {}).filter(([key]) => key === 'maintainer')),
    },
  };
}

export function summaryOf(inspect: ContainerInspect): ContainerSummary {
  const ports = Object.entries(inspect.NetworkSettings.Ports ?? {}).flatMap(([key, bindings]) => {
    const [port, Type = 'tcp'] = key.split('/');
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      IP: HostIp,
      PrivatePort: Number(port),
      PublicPort: Number(HostPort),
      Type,
    }));
  });
  return {
    Id: inspect.Id,
    Names: [inspect.Name],
    Image: inspect.Config.Image,
    ImageID: inspect.Image,
    Created: 0,
    Ports: ports,
    Labels: inspect.Config.Labels ?? {},
    State: inspect.State.Status,
    NetworkSettings: { Networks: inspect.NetworkSettings.Networks },
  };
}

/** The text of a file that a recorded command line names: it lies beside one of the recordings. */
export function namedFile(path: string): string {
  const beside = readdirSync(FOLDER).map(name => join(FOLDER, name, basename(path)));
  return readFileSync(beside.find(existsSync)!, 'utf8');
}

/** What a recorded command line asks for. Flags of every command are taken off, as the program does before. */
export const specOfLine = (line: string): ClusterSpec => requestOfLine(line).spec;

/** As `specOfLine`, with the variables that are set in front of it. */
export function requestOfLine(line: string): { spec: ClusterSpec; env: Record<string, string> } {
  const program = new Command().exitOverride().configureOutput({ writeErr() {} });
  const create = program.command('create [NAME]');
  addCreateFlags(create);
  const words = [...line.replaceAll(/ --(trace|timestamps|verbose)/g, '').matchAll(/'([^']*)'|(\S+)/g)].map(
    match => match[1] ?? match[2]!,
  );
  const start = words.indexOf('k3d');
  const env = Object.fromEntries(words.slice(0, start).map(word => word.split('=') as [string, string]));
  const defaultImage = 'docker.io/rancher/k3s:v1.21.2-k3s1';
  let spec: ClusterSpec | undefined;
  create.action(() => {
    const { config: path, ...flags } = create.opts();
    const config = path && parseConfig(namedFile(path), path, env).config;
    spec = clusterSpecFromFlags(create.args[0], flags, {
      env: {},
      defaultImage,
      ...(config && { config: specFromConfig(config, [], defaultClusterSpec(defaultImage)) }),
    });
  });
  program.parse(normaliseFlags(program, words.slice(start + 2)), { from: 'user' });
  return { spec: spec!, env };
}

/** An engine that holds nothing but these networks; what is drawn at random is as that cluster has it. */
export function emptyFacts({ cluster }: ClusterReading, networks: NetworkInspect[] = []): Facts {
  return factsWith({
    endpoint: { address: 'unix:///var/run/docker.sock', source: 'test', demo: true },
    engine: engineWith('1'),
    networks,
    fresh: { token: cluster.token, apiPort: cluster.api!.port, registryPort: 5100 },
    env: {},
  });
}
