import { ApiError } from './api-error.ts';
import { Clock } from './clock.ts';
import { EventLog } from './event-log.ts';
import { Files } from './files.ts';
import { HostPorts } from './host-ports.ts';
import { newId } from './ids.ts';
import { findImage, splitReference } from './images.ts';
import { Machine } from './machine.ts';
import { KubernetesServer } from './programs/kubernetes-server.ts';
import type { Container, Image, Network, Volume } from './types.ts';

export interface Exec {
  id: string;
  container: Container;
  argv: string[];
  env: string[];
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  running: boolean;
  exitCode: number | null;
  pid: number;
}

/** Everything the engine holds. One per demo; nothing is shared between two. */
export class World {
  readonly clock: Clock;
  readonly events: EventLog;
  readonly hostPorts: HostPorts;
  readonly kubernetes = new KubernetesServer();
  readonly machine = new Machine();
  readonly containers = new Map<string, Container>();
  readonly networks = new Map<string, Network>();
  readonly volumes = new Map<string, Volume>();
  readonly images = new Map<string, Image>();
  readonly execs = new Map<string, Exec>();
  readonly engineId = newId().slice(0, 24);
  /** References that a registry has; a pull of anything else fails. */
  readonly pullable: (reference: string) => boolean;
  #names = new Map<string, string>();
  #hostFolders = new Map<string, Files>();
  #pid = 4000;

  constructor(options: { tempo: number; listen: boolean; pullable: (reference: string) => boolean }) {
    this.clock = new Clock(options.tempo);
    this.events = new EventLog(this.clock);
    this.hostPorts = new HostPorts(options.listen);
    this.pullable = options.pullable;
  }

  /** Ends every process and timer, frees every port. */
  close(): void {
    this.clock.stop();
    this.hostPorts.releaseAll();
  }

  nextPid(): number {
    this.#pid += 7;
    return this.#pid;
  }

  /** By id, the beginning of an id, or name; throws 404 as Docker does. */
  container(reference: string): Container {
    const found = this.findContainer(reference);
    if (!found) throw new ApiError(404, `No such container: ${reference}`);
    return found;
  }

  findContainer(reference: string): Container | undefined {
    const name = reference.startsWith('/') ? reference.slice(1) : reference;
    const byName = this.#names.get(name);
    const direct = this.containers.get(reference) ?? (byName ? this.containers.get(byName) : undefined);
    if (direct || !/^[0-9a-f]{4,63}$/.test(reference)) return direct;
    return [...this.containers.values()].find(container => container.id.startsWith(reference));
  }

  addContainer(container: Container): void {
    const owner = this.#names.get(container.name);
    if (owner) {
      throw new ApiError(
        409,
        `Conflict. The container name "/${container.name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    this.containers.set(container.id, container);
    this.#names.set(container.name, container.id);
  }

  renameContainer(container: Container, name: string): void {
    const owner = this.#names.get(name);
    if (owner) {
      throw new ApiError(
        409,
        `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    this.#names.delete(container.name);
    container.name = name;
    this.#names.set(name, container.id);
  }

  dropContainer(container: Container): void {
    this.containers.delete(container.id);
    this.#names.delete(container.name);
    for (const id of container.execs) this.execs.delete(id);
  }

  /** By name, id, or the beginning of an id; throws 404 as Docker does. */
  network(reference: string): Network {
    const found = this.findNetwork(reference);
    if (!found) throw new ApiError(404, `network ${reference} not found`);
    return found;
  }

  findNetwork(reference: string): Network | undefined {
    const all = [...this.networks.values()];
    return (
      this.networks.get(reference) ??
      all.find(network => network.name === reference) ??
      (/^[0-9a-f]{4,63}$/.test(reference) ? all.find(network => network.id.startsWith(reference)) : undefined)
    );
  }

  /** Makes the volume if it is not there. */
  volume(name: string, labels: Record<string, string> = {}, anonymous = false): Volume {
    const known = this.volumes.get(name);
    if (known) return known;
    const volume: Volume = { name, created: Date.now(), labels, options: null, anonymous, files: new Files() };
    this.volumes.set(name, volume);
    this.events.emit('volume', 'create', name, { driver: 'local' });
    return volume;
  }

  /** A folder of the pretended host; the same path gives the same folder. */
  hostFolder(path: string): Files {
    const files = this.#hostFolders.get(path) ?? new Files();
    this.#hostFolders.set(path, files);
    return files;
  }

  image(reference: string): Image {
    const found = findImage(this.images, reference);
    if (!found) throw new ApiError(404, `No such image: ${splitReference(reference).familiar}`);
    return found;
  }

  /** Who answers to `name` on one of the networks of `from`: a running container's name, id or alias. */
  resolve(from: Container, name: string): { container: Container; ip: string } | undefined {
    for (const mine of from.endpoints.values()) {
      for (const container of mine.network.endpoints.values()) {
        const endpoint = container.endpoints.get(mine.network.name);
        if (!endpoint?.ip) continue;
        const names = [container.name, container.id.slice(0, 12), ...(endpoint.request.Aliases ?? []), endpoint.ip];
        if (names.includes(name)) return { container, ip: endpoint.ip };
      }
    }
    return undefined;
  }
}
