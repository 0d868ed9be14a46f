import { type Builtin, readAll } from './commands.ts';
import { clusterOf } from './k3s.ts';
import { askClusterDns, df, nsenter } from './machine-commands.ts';
import { wget } from './wget.ts';

const echo: Builtin = ({ args, io }) => {
  const bare = args[0] === '-n';
  io.out(args.slice(bare ? 1 : 0).join(' ') + (bare ? '' : '\n'));
  return 0;
};

const printf: Builtin = ({ args, io }) => {
  const [format = '', ...values] = args;
  let i = 0;
  io.out(
    format
      .replace(/%[sd]/g, () => values[i++] ?? '')
      .replace(/%%/g, '%')
      .replace(/\\r/g, '\r')
      .replace(/\\n/g, '\n')
      .replace(/\\t/g, '\t'),
  );
  return 0;
};

const sleep: Builtin = async ({ world, args, io }) => {
  const seconds = Number(args[0]?.replace(/s$/, '') ?? 0);
  for (let left = seconds * 1000; left > 0 && !io.gone; left -= 100) await world.clock.sleep(Math.min(left, 100));
  return io.gone ? 137 : 0;
};

/** Own hosts file first, then the names on the container's networks. */
function lookUp({ world, container }: Parameters<Builtin>[0], name: string): string | undefined {
  for (const line of (container.files.text('/etc/hosts') ?? '').split('\n')) {
    const [ip, ...names] = line.trim().split(/\s+/);
    if (ip && !ip.includes(':') && names.includes(name)) return ip;
  }
  return world.resolve(container, name)?.ip;
}

const getent: Builtin = run => {
  const name = run.args[1] ?? '';
  const ip = lookUp(run, name);
  if (!ip) return 2;
  const lines =
    run.args[0] === 'hosts'
      ? [`${ip}      ${name}`]
      : ['STREAM', 'DGRAM', 'RAW'].map((kind, i) => `${ip.padEnd(16)}${kind.padEnd(7)}${i === 0 ? name : ''}`);
  run.io.out(`${lines.join('\n')}\n`);
  return 0;
};

const nslookup: Builtin = run => {
  if (run.args[1]?.startsWith('10.43.')) return askClusterDns(run);
  const name = run.args[0] ?? '';
  const ip = lookUp(run, name);
  run.io.out('Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n');
  run.io.out(
    ip ? `Non-authoritative answer:\nName:\t${name}\nAddress: ${ip}\n` : `** server can't find ${name}: NXDOMAIN\n`,
  );
  return ip ? 0 : 1;
};

/** `nc [-w SECONDS] HOST PORT …`: whether somebody listens there; a request from a pipe is answered. */
const nc: Builtin = async run => {
  const { world, container, args, io } = run;
  const [host = '', port = ''] = args.filter((arg, i) => !arg.startsWith('-') && args[i - 1] !== '-w');
  const asks = !args.includes('-e');
  const refused = (ip: string) => {
    io.err(`nc: can't connect to remote host (${ip}): Connection refused\n`);
    return 1;
  };
  if (host === '127.0.0.1') return container.program?.listens?.(Number(port)) ? 0 : refused(host);
  // Addresses of pods and Services mean something within nodes.
  if (/^10\.4[23]\./.test(host)) {
    const network = clusterOf(container)?.network;
    if (!network?.connects(host, Number(port))) return refused(host);
    if (!asks) return 0;
    const request = (await readAll(io)).toString('utf8');
    const [, path = '/'] = /^GET (\S+)/.exec(request) ?? [];
    const [, name = ''] = /^Host: (.*?)\r?$/m.exec(request) ?? [];
    io.out(`HTTP/1.0 ${network.answer(host, Number(port), name, path)?.status ?? 503} Demo\r\n\r\n`);
    return 0;
  }
  const ip = lookUp(run, host);
  if (!ip) io.err(`nc: bad address '${host}'\n`);
  const target = world.resolve(container, ip ?? '')?.container;
  if (target?.program?.listens?.(Number(port))) return 0;
  return ip ? refused(ip) : 1;
};

const env: Builtin = ({ io }) => {
  for (const [key, value] of Object.entries(io.env)) io.out(`${key}=${value}\n`);
  return 0;
};

const ps: Builtin = ({ container, io }) => {
  io.out('PID   USER     TIME  COMMAND\n');
  for (const [i, command] of (container.program?.processes() ?? []).entries())
    io.out(`${String(i + 1).padStart(5)} root      0:00 ${command}\n`);
  return 0;
};

const kill: Builtin = ({ container, args }) => {
  const signal = /^-(?:SIG)?([A-Z]+)$/.exec(args[0] ?? '')?.[1] ?? 'TERM';
  container.program?.signal(`SIG${signal}`);
  return 0;
};

const say =
  (text: (run: Parameters<Builtin>[0]) => string): Builtin =>
  run => {
    run.io.out(`${text(run)}\n`);
    return 0;
  };

export const SYSTEM_COMMANDS: Record<string, Builtin> = {
  echo,
  printf,
  sleep,
  getent,
  nslookup,
  nc,
  wget,
  df,
  nsenter,
  env,
  printenv: env,
  ps,
  kill,
  true: () => 0,
  ':': () => 0,
  set: () => 0,
  sync: () => 0,
  false: () => 1,
  hostname: say(({ container }) => container.config.Hostname ?? ''),
  whoami: say(() => 'root'),
  id: say(() => 'uid=0(root) gid=0(root) groups=0(root)'),
  pwd: say(() => '/'),
  date: say(() => new Date().toISOString()),
  nproc: say(() => '4'),
  uname: say(({ container, args }) =>
    args.includes('-a')
      ? `Linux ${container.config.Hostname} 6.8.0-demo x86_64 Linux`
      : args.includes('-r')
        ? '6.8.0-demo'
        : 'Linux',
  ),
  which: ({ args, io }) => {
    io.out(`/bin/${args[0]}\n`);
    return 0;
  },
};
