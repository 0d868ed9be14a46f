import type { ServerResponse } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { type Access, ask, requestOptions } from './http.ts';
import { fatal, info, warn } from './log.ts';
import { type Change, notes, type Snapshot, type Store } from './store.ts';

/** What a member of the simulated etcd tells of itself. */
interface Peer {
  name: string;
  leader: string | undefined;
  revision: number;
  members: string[];
}

type Line = { snapshot: Snapshot } | { change: Change } | { beat: true };

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));

/**
 * etcd, simulated: servers know each other by name, one leads and holds the truth, the others copy every change.
 * As with the real one, nothing goes on unless more than half of the members known at last are up, and a member's
 * name goes away only when its Node object is deleted through the API.
 */
export class Membership {
  leader: string | undefined;
  readonly #store: Store;
  readonly #self: string;
  readonly #access: (name: string) => Access;

  constructor(store: Store, self: string, access: (name: string) => Access) {
    this.#store = store;
    this.#self = self;
    this.#access = access;
  }

  get leads(): boolean {
    return this.leader === this.#self;
  }

  get members(): string[] {
    return (this.#store.get(notes, 'members')?.list as string[] | undefined) ?? [];
  }

  set members(list: string[]) {
    this.#store.put(notes, { metadata: { name: 'members' }, list });
  }

  /** How to reach the leader. */
  leaderAccess(): Access {
    return this.#access(this.leader ?? this.#self);
  }

  describe(): Peer {
    return { name: this.#self, leader: this.leader, revision: this.#store.revision, members: this.members };
  }

  async #peek(name: string): Promise<Peer | undefined> {
    try {
      const answer = await ask(this.#access(name), 'GET', '/v1-k3s/member', undefined, {}, 800);
      return answer.status === 200 ? (JSON.parse(answer.text) as Peer) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Waits until there is a leader, and follows it if it is another. */
  async settle(): Promise<void> {
    let said = 0;
    while (this.leader === undefined) {
      const others = this.members.filter(name => name !== this.#self);
      const peers = (await Promise.all(others.map(name => this.#peek(name)))).filter(peer => peer !== undefined);
      if (peers.some(peer => peer.revision > this.#store.revision && !peer.members.includes(this.#self)))
        fatal('starting kubernetes: preparing server: etcd: this server has been removed from the cluster');
      const leading = peers.find(peer => peer.leader === peer.name);
      const alive = [this.describe(), ...peers];
      if (leading) this.leader = leading.name;
      else if (alive.length * 2 > this.members.length && this.#best(alive) === this.#self) this.leader = this.#self;
      else {
        if (Date.now() - said > 5000) {
          const missing = others.filter(name => !peers.some(peer => peer.name === name));
          info(
            `Waiting for etcd server to become available: ${alive.length} of ${this.members.length} members are up, missing ${missing.join(', ')}`,
          );
          said = Date.now();
        }
        await pause(100);
      }
    }
    info(this.leads ? 'Managed etcd cluster: this member leads' : `Managed etcd cluster: following ${this.leader}`);
    if (!this.leads) await this.#follow(this.leader);
  }

  /** The member with the newest state; of equals the one that joined first. */
  #best(alive: Peer[]): string | undefined {
    const order = (peer: Peer) => this.members.indexOf(peer.name);
    return alive.sort((a, b) => b.revision - a.revision || order(a) - order(b))[0]?.name;
  }

  /** Copies the leader's changes; resolves with the first full copy. When the leader is lost a new one is sought. */
  #follow(leader: string): Promise<void> {
    return new Promise(resolve => {
      let over = false;
      const lost = (): void => {
        resolve();
        if (over) return;
        over = true;
        warn(`Managed etcd cluster: lost ${leader}`);
        this.leader = undefined;
        void this.settle();
      };
      const access = this.#access(leader);
      const req = request(new URL('/v1-k3s/replicate', access.url), requestOptions(access, 'GET'), res => {
        const lines = createInterface({ input: res });
        lines.on('line', text => {
          const line = JSON.parse(text) as Line;
          if ('snapshot' in line) this.#store.load(line.snapshot);
          else if ('change' in line) this.#store.follow(line.change);
          resolve();
        });
        lines.on('error', () => undefined);
        res.on('error', () => undefined);
        res.on('close', lost);
      });
      req.setTimeout(2500, () => req.destroy());
      req.on('error', lost);
      req.end();
    });
  }

  /** Sends the whole state and then every change to a follower. */
  replicateTo(res: ServerResponse): void {
    const send = (line: Line) => res.write(`${JSON.stringify(line)}\n`);
    const pass = (change: Change) => send({ change });
    res.writeHead(200);
    send({ snapshot: this.#store.snapshot() });
    this.#store.changes.on('change', pass);
    const beat = setInterval(() => send({ beat: true }), 500);
    res.on('close', () => {
      clearInterval(beat);
      this.#store.changes.off('change', pass);
    });
  }
}
