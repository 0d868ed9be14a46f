import type { Socket } from 'node:net';
import type { Container, ExecIo, Process, Program } from '../types.ts';
import type { World } from '../world.ts';
import { type NginxListener, parseNginx, renderValues, setActive, upstreams } from './nginx-config.ts';
import { adjustNames, entryScript } from './nginx-names.ts';
import { timeline } from './timeline.ts';

const VALUES = '/etc/confd/values.yaml';
const CONFIG = '/etc/nginx/nginx.conf';

/** k3d's load balancer (nginx, kept up to date by confd), or a plain nginx when there is no values file. */
export function nginx(world: World, process: Process): Program {
  const { container } = process;
  const script = entryScript(container);
  const managed = !script && /nginx-proxy/.test([container.path, ...container.args].join(' '));
  let turn = 0;

  const confd = (level: string, text: string) =>
    process.err(`${new Date().toISOString().slice(0, 19)}Z ${container.name} confd[10]: ${level} ${text}`);
  const notice = (text: string) => process.err(`${nginxTime()} [notice] 30#30: ${text}`);

  /** What a script of one's own does with names before nginx sees them; true when that changed something. */
  const adjust = (): boolean => {
    if (!script?.mark) return false;
    const before = container.files.text(CONFIG) ?? '';
    const after = adjustNames(world, container, before, script.mark);
    if (after !== before) container.files.write(CONFIG, after);
    return after !== before;
  };

  /** Looks again, ever more seldom, while names are missing. */
  const lookAgain = (pause: number): void => {
    if (!script?.mark || pause > 64_000 || !container.files.text(CONFIG)?.includes(script.mark)) return;
    process.after(
      pause,
      () => {
        if (adjust()) reload();
        lookAgain(pause * 2);
      },
      20,
    );
  };

  /** Started beside another, off the cluster's network: names are looked up as soon as one can be found. */
  const standBy = (): void => {
    const names = parseNginx(container.files.text(CONFIG) ?? '').flatMap(listener => listener.upstreams);
    if (!names.some(({ name }) => world.resolve(container, name))) {
      process.after(200, standBy, 20);
      return;
    }
    adjust();
    reload();
  };

  /** Loads the config file; false when nginx would not take it. */
  const reload = (): boolean => {
    const { config, error } = check(world, container);
    if (error) {
      process.err(`${nginxTime()} [emerg] 30#30: ${error}`);
      return false;
    }
    setActive(container, config);
    notice('start worker processes');
    notice('start worker process 43');
    return true;
  };

  const render = (): void => {
    const values = container.files.text(VALUES);
    if (values === undefined) return;
    try {
      container.files.write(CONFIG, renderValues(values));
      confd('INFO', `Target config ${CONFIG} has been updated`);
    } catch (error) {
      confd('ERROR', (error as Error).message);
    }
  };

  timeline(process, [
    [20, () => managed && process.out(`[${new Date().toISOString()}] creating initial nginx config (try 1/3)`)],
    [
      200,
      () => {
        if (!managed) return;
        confd('INFO', 'Backend set to file');
        confd('INFO', `Backend source(s) set to ${VALUES}`);
        render();
      },
    ],
    [
      script ? 200 : 500,
      () => {
        const later = script?.later ? container.files.text(script.later) : undefined;
        if (later === undefined) adjust();
        notice('using the "epoll" event method');
        notice('nginx/1.29.1');
        if (!reload()) process.exit(1);
        if (later !== undefined) {
          container.files.write(CONFIG, later);
          container.files.remove(script!.later);
          standBy();
        }
        lookAgain(1000);
      },
    ],
  ]);

  if (managed || script?.confd) {
    const stopWatching = container.files.watch(path => {
      if (path !== VALUES || container.memory.get('nginx') === undefined) return;
      process.after(500, () => {
        render();
        adjust();
        notice('signal 1 (SIGHUP) received from 24, reconfiguring');
        reload();
      });
    });
    container.waiters.add(stopWatching);
  }
  container.waiters.add(() => void container.memory.delete('nginx'));

  const command = (argv: string[], io: ExecIo): Promise<number> => {
    if (argv.includes('-t')) {
      const { error } = check(world, container, argv.includes('-c') ? argv[argv.indexOf('-c') + 1] : CONFIG);
      io.err(error ? `nginx: [emerg] ${error}\n` : `nginx: the configuration file ${CONFIG} syntax is ok\n`);
      io.err(`nginx: configuration file ${CONFIG} test ${error ? 'failed' : 'is successful'}\n`);
      return Promise.resolve(error ? 1 : 0);
    }
    if (argv.includes('reload')) {
      const { error } = check(world, container);
      if (error) {
        io.err(`nginx: [emerg] ${error}\n`);
        return Promise.resolve(1);
      }
      notice('signal 1 (SIGHUP) received from 51, reconfiguring');
      process.after(50, reload);
      return Promise.resolve(0);
    }
    if (argv.includes('-T')) {
      io.out(`# configuration file ${CONFIG}:\n${container.files.text(CONFIG) ?? ''}`);
      return Promise.resolve(0);
    }
    io.err('nginx version: nginx/1.29.1\n');
    return Promise.resolve(0);
  };

  return {
    signal: name => {
      if (name === 'SIGHUP') {
        notice('signal 1 (SIGHUP) received from 1, reconfiguring');
        reload();
      }
      if (['SIGTERM', 'SIGQUIT', 'SIGINT'].includes(name)) {
        notice(`signal ${name === 'SIGQUIT' ? '3 (SIGQUIT)' : '15 (SIGTERM)'} received, shutting down`);
        process.after(1000, () => process.exit(0));
      }
    },
    connect: (port: number, socket: Socket) => {
      const behind = upstreams(container, port);
      for (let tried = 0; tried < behind.length; tried++) {
        const upstream = behind[turn++ % behind.length]!;
        const target = world.resolve(container, upstream.name)?.container;
        if (target?.program && (upstream.port !== 6443 || target.memory.get('listens') === true)) {
          target.program.connect(upstream.port, socket);
          return;
        }
        process.err(
          `${nginxTime()} [error] 43#43: *${turn} connect() failed (111: Connection refused) while connecting to upstream, server: 0.0.0.0:${port}, upstream: "${upstream.name}:${upstream.port}"`,
        );
      }
      if (behind.length === 0 && container.files.get(VALUES) === undefined && port === 80) {
        world.kubernetes.servePage(socket, (_req, res) => res.end('<h1>Welcome to nginx!</h1>\n'));
      } else socket.destroy();
    },
    listens: port => upstreams(container, port).length > 0,
    exec: (argv: string[], io: ExecIo) => {
      if (script && argv[0] === script.path) {
        if (argv[1] !== 'refresh') return Promise.resolve(1);
        const changed = adjust();
        return changed || argv[2] === 'force' ? command(['nginx', '-s', 'reload'], io) : Promise.resolve(0);
      }
      return /(^|\/)nginx$/.test(argv[0] ?? '') ? command(argv, io) : undefined;
    },
    processes: () => [
      '/bin/sh /usr/bin/nginx-proxy',
      ...(managed ? [`confd -watch -backend file -file ${VALUES} -log-level debug`] : []),
      'nginx: master process nginx -g daemon off;',
      'nginx: worker process',
      'nginx: worker process',
    ],
  };
}

/** What `nginx -t` finds: syntax, and whether the names resolve. */
function check(world: World, container: Container, path = CONFIG): { config: NginxListener[]; error?: string } {
  const text = container.files.text(path) ?? '';
  try {
    const config = parseNginx(text);
    for (const { name, port } of config.flatMap(listener => listener.upstreams)) {
      if (/^[\d.]+$/.test(name) || world.resolve(container, name)) continue;
      const line = text.split('\n').findIndex(row => row.includes(`server ${name}`)) + 1;
      return { config: [], error: `host not found in upstream "${name}:${port}" in ${CONFIG}:${line}` };
    }
    return { config };
  } catch (error) {
    return { config: [], error: (error as Error).message };
  }
}

const nginxTime = () => new Date().toISOString().slice(0, 19).replace(/-/g, '/').replace('T', ' ');
