import type { Clock } from './clock.ts';
import type { Container, Network } from './types.ts';

export interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: 'local';
  time: number;
  timeNano: number;
  status?: string;
  id?: string;
  from?: string;
}

const KEPT = 256;

/** The engine's events: the last 256, as Docker keeps, and those who listen. */
export class EventLog {
  past: { nano: bigint; event: EngineEvent }[] = [];
  #listeners = new Set<(event: EngineEvent) => void>();
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(type: string, action: string, id: string, attributes: Record<string, string>): void {
    const nano = this.#clock.nano();
    const event: EngineEvent = {
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      scope: 'local',
      time: Number(nano / 1_000_000_000n),
      timeNano: Number(nano),
    };
    // The old fields, which Docker still sends for containers and images.
    if (type === 'container' || type === 'image') Object.assign(event, { status: action, id });
    if (type === 'container') event.from = attributes.image ?? '';
    this.past.push({ nano, event });
    if (this.past.length > KEPT) this.past.shift();
    for (const listener of this.#listeners) listener(event);
  }

  container(action: string, container: Container, more: Record<string, string> = {}): void {
    const attributes = {
      ...container.config.Labels,
      image: container.config.Image ?? '',
      name: container.name,
      ...more,
    };
    this.emit('container', action, container.id, attributes);
  }

  network(action: string, network: Network, more: Record<string, string> = {}): void {
    this.emit('network', action, network.id, { ...more, name: network.name, type: network.driver });
  }

  listen(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
