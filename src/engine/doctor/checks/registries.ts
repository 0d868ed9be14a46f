import { commandLine } from '../../../config/command-line.ts';
import { isK3duiError } from '../../../errors.ts';
import { sanitise } from '../../../text.ts';
import { allNames } from '../../container-name.ts';
import type { Cluster, Node } from '../../model.ts';
import { REGISTRIES_PATH } from '../../node/facts.ts';
import type { PlannedStep } from '../../plan.ts';
import {
  formatRegistries,
  parseRegistries,
  REGISTRIES_MODE,
  type RegistriesFile,
} from '../../registry/registries-yaml.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Remedy, Symptom } from '../finding.ts';
import { fixCommand, line, remedyOf, repair, startNodes } from '../remedies.ts';

export interface RegistryFacts {
  cluster: Cluster;
  /** Registries of k3d's that its nodes know, or that belong to it. */
  registries: Node[];
  /** Names of all containers. */
  containers: ReadonlySet<string>;
  /** registries.yaml of each node that runs. */
  files: { node: Node; file: RegistriesFile; mounted: boolean }[];
  /** Files that are no YAML. */
  broken: { node: Node; why: string }[];
}

/** Registries that the nodes cannot reach. */
function judgeRegistries({ cluster, registries, containers, files, broken }: RegistryFacts): Symptom[] {
  const found: Symptom[] = [];
  const network = cluster.network?.name;
  for (const registry of registries) {
    if (!registry.running) {
      found.push({
        severity: 'problem',
        subject: registry.name,
        key: 'running',
        message: `registry ${registry.name} does not run: ${cluster.name} can pull nothing from it`,
        evidence: [`Docker says: ${registry.status || registry.state}`],
        remedy: startNodes([registry]),
      });
    }
    if (network && network !== 'host' && !registry.networks.some(({ name }) => name === network)) {
      const joined = registry.networks.map(({ name }) => name).join(', ') || 'none';
      found.push({
        severity: 'problem',
        subject: registry.name,
        key: 'network',
        message: `registry ${registry.name} is not on network ${network}: the nodes of ${cluster.name} cannot reach it`,
        evidence: [`networks of ${registry.name}: ${joined}`],
        remedy: connect(cluster, registry, network),
      });
    }
  }
  const vanished = [...new Set(files.flatMap(({ file }) => hostsOf(file)))].filter(
    host => isContainerName(host) && !containers.has(host),
  );
  for (const host of vanished) {
    const naming = files.filter(({ file }) => hostsOf(file).includes(host));
    found.push({
      severity: 'warning',
      subject: host,
      key: 'vanished',
      message: `the nodes of ${cluster.name} are to pull from registry ${host}, which is gone`,
      evidence: naming.flatMap(({ node, file }) =>
        Object.entries(file.mirrors)
          .filter(([, { endpoint }]) => (endpoint ?? []).some(one => hostOf(one) === host))
          .map(([name, { endpoint }]) =>
            sanitise(`${node.name} ${REGISTRIES_PATH}: ${name} → ${endpoint?.join(', ')}`),
          ),
      ),
      remedy: forget(cluster, naming, host),
    });
  }
  for (const { node, why } of broken) {
    found.push({
      severity: 'problem',
      subject: node.name,
      key: 'file',
      message: `${REGISTRIES_PATH} of ${node.name} cannot be read: its next start fails`,
      evidence: [why],
      remedy: line('see what is wrong with it', commandLine`k3dui node shell ${node.name} cat ${REGISTRIES_PATH}`),
    });
  }
  return found;
}

function connect(cluster: Cluster, registry: Node, network: string): Remedy {
  return remedyOf(
    repair(
      `put ${registry.name} on network ${network}`,
      commandLine`docker network connect ${network} ${registry.name}`,
      cluster,
      [
        {
          id: 'connect',
          title: `join network ${network}`,
          subject: registry.name,
          after: [],
          action: { kind: 'network.connect', network, container: registry.name },
        },
      ],
    ),
  );
}

/** Takes the endpoints of a registry that is gone out of the nodes' files. k3s reads them when it starts. */
function forget(cluster: Cluster, files: RegistryFacts['files'], host: string): Remedy {
  const title = `take ${host} out of ${REGISTRIES_PATH}`;
  const mounted = files.find(file => file.mounted);
  if (mounted) {
    return line(
      `${title}: a file of yours is mounted there`,
      commandLine`docker inspect -f '{{json .HostConfig.Binds}}' ${mounted.node.name}   # names the file; take the mirror out of it`,
    );
  }
  const steps = files.map(
    ({ node, file }): PlannedStep => ({
      id: `files ${node.name}`,
      title: `take ${host} out`,
      subject: node.name,
      after: [],
      action: {
        kind: 'files.write',
        container: node.name,
        files: [{ path: REGISTRIES_PATH, content: formatRegistries(without(file, host)), mode: REGISTRIES_MODE }],
      },
    }),
  );
  const nodes = files.map(({ node }) => node.name).join(' ');
  return remedyOf(
    repair(title, fixCommand(cluster.name), cluster, steps, {
      warnings: [`k3s reads the file when it starts: k3dui node restart ${nodes}`],
    }),
  );
}

/** The file without endpoints at that host; a mirror that has no other goes whole. Pure. */
export function without(file: RegistriesFile, host: string): RegistriesFile {
  const mirrors = Object.entries(file.mirrors).flatMap(([name, mirror]): [string, typeof mirror][] => {
    const endpoints = mirror.endpoint ?? [];
    const left = endpoints.filter(endpoint => hostOf(endpoint) !== host);
    if (left.length === endpoints.length) return [[name, mirror]];
    return left.length > 0 ? [[name, { ...mirror, endpoint: left }]] : [];
  });
  return { ...file, mirrors: Object.fromEntries(mirrors) };
}

function hostsOf({ mirrors }: RegistriesFile): string[] {
  return Object.values(mirrors).flatMap(({ endpoint }) => (endpoint ?? []).map(hostOf));
}

function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
}

/** Only what can be nothing but a container's name: no dot, no address. `registry.localhost` is k3d's own custom too. */
function isContainerName(host: string): boolean {
  return (/^[A-Za-z][\w-]*$/.test(host) && host !== 'localhost') || /^(k3d-)?[\w-]+\.localhost$/.test(host);
}

export const REGISTRY_CHECKS: readonly Check[] = [
  clusterCheck(
    'registries',
    'registries',
    'registries run, and the nodes can reach them',
    async (subject): Promise<RegistryFacts | undefined> => {
      const { cluster, engine } = subject;
      if (!subject.isUp) return undefined;
      const read = await Promise.all(
        subject.running.map(async node => ({
          node,
          content: await engine.docker.readFile(node.id, REGISTRIES_PATH, subject.call),
          binds: (await subject.inspect(node)).HostConfig.Binds ?? [],
        })),
      );
      const files: RegistryFacts['files'] = [];
      const broken: RegistryFacts['broken'] = [];
      for (const { node, content, binds } of read) {
        if (content === undefined) continue;
        try {
          const file = parseRegistries(content.toString('utf8'), REGISTRIES_PATH);
          const mounted = binds.some(bind => REGISTRIES_PATH.startsWith(bind.split(':')[1] ?? '-'));
          files.push({ node, file, mounted });
        } catch (error) {
          if (!isK3duiError(error)) throw error;
          broken.push({ node, why: error.message });
        }
      }
      const hosts = new Set(files.flatMap(({ file }) => hostsOf(file)));
      const registries = subject.snapshot.registries.filter(
        node => node.cluster === cluster.name || hosts.has(node.name),
      );
      const containers = allNames(await subject.containers());
      return { cluster, registries, containers, files, broken };
    },
    judgeRegistries,
  ),
];
