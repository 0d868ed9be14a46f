import { macOf, takeAddress } from './addresses.ts';
import { ApiError } from './api-error.ts';
import { newId } from './ids.ts';
import { startProgram } from './programs/program.ts';
import { publishPorts } from './publish.ts';
import type { Container, Process } from './types.ts';
import type { World } from './world.ts';

/** Running, paused, or waiting to be restarted. */
export const isUp = (container: Container): boolean =>
  container.status === 'running' || container.status === 'paused' || container.status === 'restarting';

/** Starts a container: addresses, ports, process. Throws what Docker answers; a container that failed to start stays `created` or `exited`. */
export async function startContainer(world: World, container: Container): Promise<void> {
  container.cancelRestart?.();
  container.cancelRestart = undefined;
  container.stoppedByHand = false;
  container.error = '';
  const fresh = container.status === 'created';
  try {
    joinNetworks(world, container);
    await publishPorts(world, container);
    checkCommand(container);
  } catch (error) {
    world.hostPorts.release(container.id);
    leaveNetworks(world, container);
    container.ports = {};
    container.error = (error as Error).message;
    container.exitCode = error instanceof StartError ? error.exitCode : 128;
    container.status = fresh ? 'created' : 'exited';
    throw error;
  }
  container.status = 'running';
  container.pid = world.nextPid();
  container.exitCode = 0;
  container.startedAt = Date.now();
  writeHosts(container);
  const process = newProcess(world, container);
  container.program = startProgram(world, process);
  world.events.container('start', container);
}

/** Sends the stop signal and, after the grace period, KILL. False when it was not running. */
export async function stopContainer(
  world: World,
  container: Container,
  graceSeconds: number,
  signal?: string,
): Promise<boolean> {
  container.stoppedByHand = true;
  if (container.status === 'restarting') {
    container.cancelRestart?.();
    container.status = 'exited';
    world.events.container('stop', container);
    return true;
  }
  if (!container.program) return false;
  const ended = new Promise<void>(resolve => container.waiters.add(() => resolve()));
  sendSignal(world, container, signal || container.config.StopSignal || 'SIGTERM');
  let cancelKill = () => {};
  if (graceSeconds >= 0) {
    cancelKill = world.clock.after(
      graceSeconds * 1000,
      () => sendSignal(world, container, 'SIGKILL'),
      world.clock.tempo === 0 ? 20 : 0,
    );
  }
  await ended;
  cancelKill();
  world.events.container('stop', container);
  return true;
}

/** Delivers a signal to the container's process; the caller has checked that there is one. */
export function sendSignal(world: World, container: Container, name: string): void {
  const signal = normalSignal(name);
  world.events.container('kill', container, { signal: String(SIGNALS[signal] ?? 15) });
  if (signal === 'SIGKILL') exited.get(container)?.(137);
  else container.program?.signal(signal);
}

const exited = new WeakMap<Container, (code: number) => void>();

function newProcess(world: World, container: Container): Process {
  let alive = true;
  const cancels = new Set<() => void>();
  const process: Process = {
    container,
    get alive() {
      return alive;
    },
    out: line => alive && container.log.add(1, line),
    err: line => alive && container.log.add(2, line),
    after: (ms, run, atLeast) => {
      if (!alive) return;
      const cancel = world.clock.after(
        ms,
        () => {
          cancels.delete(cancel);
          run();
        },
        atLeast,
      );
      cancels.add(cancel);
    },
    exit: code => {
      if (!alive) return;
      alive = false;
      for (const cancel of cancels) cancel();
      processEnded(world, container, code);
    },
  };
  exited.set(container, code => process.exit(code));
  return process;
}

function processEnded(world: World, container: Container, code: number): void {
  const ranFor = Date.now() - container.startedAt;
  container.program = undefined;
  container.pid = 0;
  container.exitCode = code;
  container.finishedAt = Date.now();
  container.status = 'exited';
  container.ports = {};
  world.hostPorts.release(container.id);
  leaveNetworks(world, container);
  container.log.processEnded();
  world.events.container('die', container, { exitCode: String(code), execDuration: String(Math.round(ranFor / 1000)) });
  for (const waiter of [...container.waiters]) waiter(code);
  container.waiters.clear();
  maybeRestart(world, container, code, ranFor);
}

/** Docker's restart policies: 100 ms, doubled each time up to a minute, forgotten after ten good seconds. */
function maybeRestart(world: World, container: Container, code: number, ranFor: number): void {
  const policy = container.hostConfig.RestartPolicy ?? {};
  const wanted =
    policy.Name === 'always' ||
    policy.Name === 'unless-stopped' ||
    (policy.Name === 'on-failure' &&
      code !== 0 &&
      (!policy.MaximumRetryCount || container.restartCount < policy.MaximumRetryCount));
  if (container.stoppedByHand || !wanted) {
    if (container.hostConfig.AutoRemove) void removeContainer(world, container, true);
    return;
  }
  const last = Number(container.memory.get('backoff') ?? 50);
  const backoff = ranFor > 10_000 ? 100 : Math.min(last * 2, 60_000);
  container.memory.set('backoff', backoff);
  container.status = 'restarting';
  container.restartCount++;
  container.cancelRestart = world.clock.after(
    0,
    () => startContainer(world, container).catch(() => maybeRestart(world, container, container.exitCode, 0)),
    backoff,
  );
}

/** Takes the container out of the world; it must not run any more. `v` removes its anonymous volumes too. */
export async function removeContainer(world: World, container: Container, v: boolean): Promise<void> {
  container.stoppedByHand = true;
  container.cancelRestart?.();
  if (container.program) sendSignal(world, container, 'SIGKILL');
  container.status = 'removing';
  world.hostPorts.release(container.id);
  for (const endpoint of container.endpoints.values()) endpoint.network.endpoints.delete(container.id);
  world.dropContainer(container);
  for (const mount of container.mounts) {
    if (v && mount.name && world.volumes.get(mount.name)?.anonymous) world.volumes.delete(mount.name);
  }
  world.events.container('destroy', container);
}

function joinNetworks(world: World, container: Container): void {
  for (const endpoint of container.endpoints.values()) {
    const { network } = endpoint;
    if (!world.networks.has(network.id)) throw new ApiError(404, `network ${network.id} not found`);
    endpoint.ip = takeAddress(network, endpoint.request.IPAMConfig?.IPv4Address, container);
    endpoint.mac = macOf(endpoint.ip);
    endpoint.id = newId();
    network.endpoints.set(container.id, container);
    world.events.network('connect', network, { container: container.id });
  }
}

function leaveNetworks(world: World, container: Container): void {
  for (const endpoint of container.endpoints.values()) {
    if (!endpoint.network.endpoints.delete(container.id)) continue;
    endpoint.ip = '';
    endpoint.mac = '';
    world.events.network('disconnect', endpoint.network, { container: container.id });
  }
}

class StartError extends ApiError {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(
      400,
      `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: ${message}: unknown`,
    );
    this.exitCode = exitCode;
  }
}

/** A program given with its path must be there and executable, as k3d's entry point script has to be. */
function checkCommand(container: Container): void {
  const { path } = container;
  if (!path.startsWith('/')) return;
  const entry = container.files.get(path);
  if (!entry) {
    if (container.image.base.list('/bin').length <= 1) return;
    throw new StartError(127, `"${path}": stat ${path}: no such file or directory`);
  }
  if (entry.type === 'directory') throw new StartError(126, `"${path}": is a directory`);
  if ((entry.mode & 0o111) === 0) throw new StartError(126, `"${path}": permission denied`);
}

function writeHosts(container: Container): void {
  const lines = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  for (const extra of container.hostConfig.ExtraHosts ?? []) {
    const [name, ip = ''] = extra.split(/:(.*)/s);
    const gateway = [...container.endpoints.values()][0]?.network.gateway ?? '172.17.0.1';
    lines.push(`${ip === 'host-gateway' ? gateway : ip}\t${name}`);
  }
  for (const endpoint of container.endpoints.values()) {
    if (endpoint.ip) lines.push(`${endpoint.ip}\t${container.config.Hostname || container.id.slice(0, 12)}`);
  }
  container.files.write('/etc/hosts', `${lines.join('\n')}\n`);
  container.files.write('/etc/resolv.conf', 'nameserver 127.0.0.11\noptions ndots:0\n');
  container.files.write('/etc/hostname', `${container.config.Hostname}\n`);
}

const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
};

/** `TERM`, `SIGTERM` and `15` are the same. */
export function normalSignal(text: string): string {
  if (/^\d+$/.test(text)) return Object.keys(SIGNALS).find(name => SIGNALS[name] === Number(text)) ?? `SIG${text}`;
  const upper = text.toUpperCase();
  return upper.startsWith('SIG') ? upper : `SIG${upper}`;
}
