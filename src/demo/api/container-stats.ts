import { cpus, totalmem } from 'node:os';
import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { stamp } from '../clock.ts';
import { imageKind } from '../image-catalog.ts';
import type { Container } from '../types.ts';
import type { Route } from './routes.ts';

const MB = 1024 * 1024;

/** Typical load: share of one core, memory in MB, bytes a second over the network. */
const LOAD = {
  k3s: { cpu: 0.12, memory: 520, network: 24_000 },
  proxy: { cpu: 0.004, memory: 14, network: 9_000 },
  registry: { cpu: 0.002, memory: 22, network: 1_500 },
  tools: { cpu: 0.001, memory: 9, network: 100 },
  other: { cpu: 0.02, memory: 60, network: 3_000 },
};

interface Sample {
  read: bigint;
  cpu: number;
  system: number;
}

/** A container's load at a moment: waves over a base that differs from container to container. */
function measure(container: Container, now: bigint) {
  const load = LOAD[imageKind(container.config.Image ?? '')];
  const seconds = Number(now / 1_000_000n) / 1000;
  const ran = Math.max(0, seconds - container.startedAt / 1000);
  const seed = Number.parseInt(container.id.slice(0, 6), 16) / 0xffffff;
  const agent = container.config.Cmd?.[0] === 'agent' ? 0.45 : 1;
  const own = load.cpu * agent * (0.7 + 0.6 * seed);
  // The integral of base load plus a slow and a fast wave, so that differences are always positive.
  const cpuSeconds =
    own * (ran + 0.45 * 7 * (1 - Math.cos(ran / 7 + seed * 6)) + 0.3 * 1.7 * (1 - Math.cos(ran / 1.7)));
  const memory =
    load.memory *
    agent *
    (0.8 + 0.4 * seed) *
    (1 + 0.05 * Math.sin(ran / 23 + seed * 9)) *
    (1 - 0.5 * Math.exp(-ran / 20));
  const limit = container.hostConfig.Memory || totalmem();
  return {
    sample: { read: now, cpu: Math.round(cpuSeconds * 1e9), system: Math.round(seconds * 1e9 * cpus().length) },
    memory: Math.min(Math.round(memory * MB), Math.round(limit * 0.97)),
    limit,
    bytes: Math.round(load.network * (ran + 3 * (1 - Math.cos(ran / 5)))),
  };
}

const cpuShape = (sample: Sample) => ({
  cpu_usage: {
    total_usage: sample.cpu,
    usage_in_kernelmode: Math.round(sample.cpu * 0.3),
    usage_in_usermode: Math.round(sample.cpu * 0.7),
  },
  system_cpu_usage: sample.system,
  online_cpus: cpus().length,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
});

function shape(container: Container, now: bigint, before: Sample | undefined): object {
  const { sample, memory, limit, bytes } = measure(container, now);
  const base = { name: `/${container.name}`, id: container.id, num_procs: 0, storage_stats: {} };
  if (!container.program) {
    const none = {
      cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
      throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
    };
    const never = '0001-01-01T00:00:00Z';
    return {
      ...base,
      read: never,
      preread: never,
      pids_stats: {},
      blkio_stats: {},
      cpu_stats: none,
      precpu_stats: none,
      memory_stats: {},
    };
  }
  const io = [
    { major: 8, minor: 0, op: 'read', value: Math.round(bytes * 0.4) },
    { major: 8, minor: 0, op: 'write', value: Math.round(bytes * 1.1) },
  ];
  return {
    ...base,
    read: stamp(now),
    preread: before ? stamp(before.read) : '0001-01-01T00:00:00Z',
    pids_stats: { current: container.program.processes().length * 9, limit: 28000 },
    blkio_stats: { io_service_bytes_recursive: io, io_serviced_recursive: null },
    cpu_stats: cpuShape(sample),
    precpu_stats: before ? cpuShape(before) : { cpu_usage: { total_usage: 0 }, throttling_data: {} },
    memory_stats: {
      usage: memory,
      stats: {
        active_file: Math.round(memory * 0.1),
        inactive_file: Math.round(memory * 0.15),
        anon: Math.round(memory * 0.7),
      },
      limit,
    },
    networks: {
      eth0: {
        rx_bytes: bytes,
        rx_packets: Math.round(bytes / 700),
        rx_errors: 0,
        rx_dropped: 0,
        tx_bytes: Math.round(bytes * 0.8),
        tx_packets: Math.round(bytes / 800),
        tx_errors: 0,
        tx_dropped: 0,
      },
    },
  };
}

const stats = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  const streaming = !/^(0|false)$/i.test(call.query.get('stream') ?? '');
  const now = call.world.clock.nano();
  if (!streaming) {
    // Docker waits for a second sample unless it is told `one-shot`; the past is known here, so nobody has to wait.
    const before = call.flag('one-shot') ? undefined : measure(container, now - 1_000_000_000n).sample;
    call.json(200, shape(container, now, before));
    return;
  }
  call.stream('application/json');
  let before: Sample | undefined;
  const tick = () => {
    const at = call.world.clock.nano();
    call.res.write(`${JSON.stringify(shape(container, at, before))}\n`);
    before = measure(container, at).sample;
    if (!call.world.containers.has(container.id)) call.res.end();
  };
  tick();
  const timer = setInterval(tick, 1000);
  call.onGone(() => clearInterval(timer));
};

const top = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  if (!container.program) throw new ApiError(409, `container ${container.id} is not running`);
  const began = new Date(container.startedAt).toISOString().slice(11, 16);
  const init = ['/sbin/docker-init --', container.path, ...container.args].join(' ');
  const commands = [...(container.hostConfig.Init ? [init] : []), ...container.program.processes()];
  call.json(200, {
    Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
    Processes: commands.map((command, i) => {
      const parent = i === 0 ? 1 : container.pid;
      return ['root', String(container.pid + i), String(parent), '0', began, '?', '00:00:01', command];
    }),
  });
};

export const statsRoutes: Route[] = [
  ['GET', '/containers/*/stats', stats],
  ['GET', '/containers/*/top', top],
];
