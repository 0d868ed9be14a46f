import { randomInt } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import type { RegistriesSpec } from '../../config/cluster-spec.ts';
import { k3sChannel } from '../../config/image.ts';
import type { Call, Docker, Endpoint } from '../../docker/docker.ts';
import type { ContainerSummary, EngineInfo, NetworkInspect } from '../../docker/types.ts';
import { isAbort, orGone } from '../../errors.ts';
import { bareName } from '../container-name.ts';
import { isLocal, sharesFiles } from '../endpoint.ts';
import type { Engine } from '../engine.ts';
import { bindingsOf } from '../loadbalancer/bindings.ts';
import type { Snapshot } from '../model.ts';
import { EDAC } from '../node/meminfo.ts';
import { type RegistryFacts, readRegistryFacts } from '../registry/read.ts';
import { channelImage, fetchChannels } from './channels.ts';
import { canListen, freePorts, type ListeningSocket, labelledPorts, listeningSockets } from './host-ports.ts';
import { localRoutes } from './subnets.ts';

/** What an image reference stands for and whether the engine has it. */
export interface ImageFact {
  /** The full reference; for a word like `latest` what it stands for today. */
  reference: string;
  present: boolean;
  /** Why a word could not be resolved. */
  problem?: string;
}

/**
 * Everything that a plan depends on, read before it is made, so that making it is a pure function: the same request
 * and the same facts give the same plan.
 */
export interface Facts {
  endpoint: Endpoint;
  engine: EngineInfo;
  snapshot: Snapshot;
  /** Every container of the engine, not only k3d's: their published ports may be in the way. */
  containers: ContainerSummary[];
  networks: NetworkInspect[];
  /** Sockets of this machine; empty when the engine runs on another one. */
  sockets: ListeningSocket[];
  /** Subnets that this machine has routes to; empty when the engine runs on another one. */
  routes: string[];
  /** By the text asked for. */
  images: Map<string, ImageFact>;
  /** Host names asked for → IPv4 address, or undefined when they do not resolve. */
  hosts: Map<string, string | undefined>;
  /** Drawn at random or from the kernel, once, for whoever needs them. */
  fresh: { token: string; apiPort: number; registryPort: number };
  env: NodeJS.ProcessEnv;
  /** Those of the paths asked for that this machine does not have; empty when the engine does not see its files. */
  missingPaths: string[];
  /** The machine has modules that correct memory errors. */
  edac?: boolean;
  /** Of the registries asked for; only if some were. */
  registryFacts?: RegistryFacts;
  /** Host ports that stopped k3d containers will take when they start; only if asked for. */
  stoppedPorts?: StoppedPort[];
}

/** A binding that Docker's list does not show, as its container does not run. */
export interface StoppedPort {
  container: string;
  cluster: string;
  hostIP: string;
  port: number;
  protocol: string;
}

export interface FactsWanted {
  images?: string[];
  /** Host names to look up: of `--api-port HOST:PORT`. */
  hosts?: string[];
  /** Ports whose owner should be named when they are taken. */
  ports?: number[];
  /** Paths of this machine that nodes are to mount. */
  paths?: string[];
  /** Look at stopped containers' bindings too, whoever made them: an inspect for each. */
  stoppedPorts?: boolean;
  /** Registries that a cluster is to use. */
  registries?: RegistriesSpec;
}

/** Reads the facts, all calls side by side. Throws what Docker throws. */
export async function gatherFacts(engine: Engine, wanted: FactsWanted = {}, call: Call = {}): Promise<Facts> {
  const { docker, inventory, env } = engine;
  const local = isLocal(docker.endpoint);
  const mounts = sharesFiles(docker.endpoint) && !docker.endpoint.demo;
  const [info, containers, networks, sockets, routes, images, hosts] = await Promise.all([
    docker.info(call),
    docker.listContainers({}, call),
    docker.listNetworks({}, call),
    local ? listeningSockets(wanted.ports) : [],
    local ? localRoutes() : [],
    imageFacts(docker, wanted.images ?? [], call),
    lookupHosts(wanted.hosts ?? []),
  ]);
  const [apiPort, registryPort] = await freePorts(labelledPorts(containers), local ? canListen : async () => true);
  const registryFacts = wanted.registries && (await readRegistryFacts(docker, wanted.registries, containers, call));
  const stoppedPorts = wanted.stoppedPorts ? await portsOfStopped(docker, containers, call) : undefined;
  return {
    endpoint: docker.endpoint,
    engine: info,
    snapshot: inventory.snapshot,
    containers,
    networks,
    sockets,
    routes,
    images,
    hosts,
    fresh: { token: randomToken(), apiPort, registryPort },
    env,
    missingPaths: mounts ? (wanted.paths ?? []).filter(path => !existsSync(path)) : [],
    edac: sharesFiles(docker.endpoint) && existsSync(EDAC),
    ...(registryFacts ? { registryFacts } : {}),
    ...(stoppedPorts ? { stoppedPorts } : {}),
  };
}

async function portsOfStopped(docker: Docker, containers: ContainerSummary[], call: Call): Promise<StoppedPort[]> {
  const stopped = containers.filter(({ State }) => /^(created|exited|dead)$/.test(State));
  const found = await Promise.all(
    stopped.map(async ({ Id, Labels }) => {
      const inspect = await orGone(docker.inspectContainer(Id, call));
      if (!inspect) return [];
      return bindingsOf(inspect).flatMap(({ hostIP, hostPort, protocol }) => {
        if (!/^[1-9]\d*$/.test(hostPort)) return [];
        const container = bareName(inspect.Name);
        return [{ container, cluster: Labels?.['k3d.cluster'] ?? '', hostIP, port: Number(hostPort), protocol }];
      });
    }),
  );
  return found.flat();
}

async function imageFacts(docker: Docker, asked: string[], call: Call): Promise<Map<string, ImageFact>> {
  const channels = asked.some(image => k3sChannel(image) !== undefined) ? fetchChannels(call) : undefined;
  const facts = asked.map(async (image): Promise<[string, ImageFact]> => {
    let reference = image;
    const channel = k3sChannel(image);
    if (channel !== undefined) {
      try {
        reference = channelImage(channel, await channels!);
      } catch (error) {
        if (isAbort(error)) throw error;
        return [image, { reference: image, present: false, problem: (error as Error).message }];
      }
    }
    return [image, { reference, present: (await docker.inspectImage(reference, call)) !== undefined }];
  });
  return new Map(await Promise.all(facts));
}

async function lookupHosts(names: string[]): Promise<Map<string, string | undefined>> {
  const found = names.map(
    async (name): Promise<[string, string | undefined]> => [
      name,
      await lookup(name, { family: 4 }).then(
        result => result.address,
        () => undefined,
      ),
    ],
  );
  return new Map(await Promise.all(found));
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** 20 letters, as k3d's (pkg/types/randomString.go), but from the system's secure source. */
function randomToken(): string {
  return Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
