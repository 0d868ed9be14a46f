import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Container, ExecIo, Process, Program } from '../types.ts';
import type { World } from '../world.ts';
import { takeImages } from './ctr.ts';
import { startAgent } from './k3s-agent.ts';
import { k3sCommand } from './k3s-commands.ts';
import { K3sLog } from './k3s-log.ts';
import { startServer } from './k3s-server.ts';
import { k3sVersion } from './k3s-version.ts';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { timeline } from './timeline.ts';

/** What server and agent share. */
export interface K3s {
  world: World;
  process: Process;
  container: Container;
  log: K3sLog;
  /** Arguments after `server` or `agent`. */
  args: string[];
  env: Record<string, string>;
  nodeName: string;
  /** `v1.33.5+k3s1` */
  version: string;
  /** The cluster it is part of, once it is. */
  cluster: KubeCluster | undefined;
  /** `k3s agent -s …`: 401 and 503 are decided by the server's state. */
  role: 'server' | 'agent';
}

/** The cluster a k3s container belongs to; kept while it is stopped. */
export const clusterOf = (container: Container): KubeCluster | undefined =>
  container.memory.get('cluster') as KubeCluster | undefined;

/** Values of a flag: `--tls-san a --tls-san=b` gives a and b. */
export function flagValues(args: string[], flag: string): string[] {
  return args.flatMap((arg, i) =>
    arg === flag ? [args[i + 1] ?? ''] : arg.startsWith(`${flag}=`) ? [arg.slice(flag.length + 1)] : [],
  );
}

/** A container that runs k3s. */
export function k3s(world: World, process: Process): Program {
  const { container } = process;
  const command = [container.path, ...container.args];
  const at = command.findIndex(word => word === 'server' || word === 'agent');
  const node: K3s = {
    world,
    process,
    container,
    log: new K3sLog(process),
    args: command.slice(at + 1),
    env: Object.fromEntries(
      (container.config.Env ?? []).map(entry => [entry.split('=')[0]!, entry.slice(entry.indexOf('=') + 1)]),
    ),
    nodeName: container.config.Hostname ?? container.name,
    version: k3sVersion(container).gitVersion,
    cluster: clusterOf(container),
    role: command[at] === 'agent' ? 'agent' : 'server',
  };
  const entrypoint = /k3d-entrypoint|k3dui/.test(container.path);
  if (entrypoint) runEntrypoint(container);
  const wrong = node.args.find(arg => /^--?(no-?such|bogus|invalid|unknown|does-not-exist)/.test(arg));
  if (at < 0) process.after(1, () => process.exit(0));
  else if (wrong) {
    process.after(50, () => {
      node.log.fatal(`flag provided but not defined: -${wrong.replace(/^-+/, '').split('=')[0]}`);
      process.exit(1);
    });
  } else if (node.role === 'server') startServer(node);
  else whenLetGo(node, entrypoint, () => startAgent(node));
  // What leads packets to pods is made anew at every start.
  container.memory.delete('pods are cut off');
  watchNode(node);

  let stopping = false;
  return {
    signal: name => {
      if (!['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(name) || stopping) return;
      stopping = true;
      stop(node, entrypoint);
    },
    connect: (port: number, socket: Socket) => connect(node, port, socket),
    listens: port => listens(node, port),
    exec: (argv: string[], io: ExecIo) => k3sCommand(node, argv, io),
    script: (text: string, io: ExecIo) => (text.includes('image.tar') ? takeImages(node, io) : undefined),
    processes: () => [
      ...(entrypoint ? [`/bin/sh ${command.join(' ')}`] : []),
      `/bin/k3s ${node.role}`,
      'containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml',
      ...(clusterOf(container) ? ['/pause', '/coredns -conf /etc/coredns/Corefile'] : []),
    ],
  };
}

/** One simulated second from the signal to the end, longer with a drain's words. */
function stop({ process, log, nodeName, role, cluster, container }: K3s, entrypoint: boolean): void {
  cluster?.ready.delete(container);
  timeline(process, [
    [0, () => role === 'server' && entrypoint && process.out('Draining node...')],
    [200, () => role === 'server' && entrypoint && process.out(`node/${nodeName} cordoned`)],
    [
      400,
      () =>
        entrypoint ? process.out('Sending SIGTERM to k3s...') : log.info('Shutdown request received, shutting down'),
    ],
    [1000, () => process.exit(0)],
  ]);
}

/** Tells the cluster when the node's process ends. */
function watchNode(node: K3s): void {
  node.container.waiters.add(() => {
    const cluster = clusterOf(node.container);
    cluster?.ready.delete(node.container);
    cluster?.nodeChanged(node.nodeName);
  });
}

function connect(node: K3s, port: number, socket: Socket): void {
  const { container, world, nodeName } = node;
  const cluster = clusterOf(container);
  if (!cluster) return void socket.destroy();
  if (port === 6443) {
    // The port opens with `Running kube-apiserver`; before that the connection is refused.
    if (listens(node, port)) world.kubernetes.serveApi(cluster, container, socket);
    else socket.destroy();
    return;
  }
  // What a Service has on the nodes is only there while the Service is served.
  if (cluster.network.onNode(nodeName, port) === false) return void socket.destroy();
  world.kubernetes.servePage(
    socket,
    (req, res) => {
      const { status, app } = cluster.network.answerOnNode(port, req.headers.host ?? '', req.url ?? '/');
      const from = app === '' ? '' : `app: ${app}\n`;
      const page = `k3dui demo\n${from}node: ${nodeName}\nport: ${port}\nhost: ${req.headers.host ?? ''}\npath: ${req.url}\n`;
      const body = status === 200 ? page : status === 404 ? '404 page not found\n' : 'no available server\n';
      res.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close', 'X-Demo-Upstream': nodeName });
      res.end(body);
    },
    cluster,
  );
}

/** The API's port listens on servers that are up; any other answers with a page once the node is part of a cluster. */
function listens({ container, role, nodeName }: K3s, port: number): boolean {
  if (port === 6443) return role === 'server' && container.memory.get('listens') === true;
  const cluster = clusterOf(container);
  return cluster !== undefined && cluster.network.onNode(nodeName, port) !== false;
}

/** What the entry point scripts leave behind: their log, and with ours the host's name. */
function runEntrypoint(container: Container): void {
  const gateway = [...container.endpoints.values()][0]?.network.gateway;
  if (gateway && container.files.get('/bin/k3d-entrypoint-hosts.sh')) {
    const hosts = container.files.text('/etc/hosts') ?? '';
    if (!hosts.includes(' host.k3d.internal')) {
      container.files.write('/etc/hosts', `${hosts}${gateway} host.k3d.internal\n`);
    }
  }
  const at = new Date().toISOString().replace(/[-:T]/g, '').slice(2, 14);
  container.files.write(
    `/var/log/k3d-entrypoints_${at}.log`,
    `[${new Date().toISOString()}] Running k3d entrypoints...\n[${new Date().toISOString()}] Finished k3d entrypoint scripts!\n`,
  );
}

/** Our entry point holds k3s back while a file says so: until another lets it go on, and for a minute at most. */
function whenLetGo({ container, process }: K3s, entrypoint: boolean, run: () => void): void {
  const { files } = container;
  const held = entrypoint && files.remove('/bin/k3d-hold') && !files.remove('/bin/k3d-go');
  if (!held) {
    run();
    return;
  }
  let waiting = true;
  const go = () => {
    if (!waiting) return;
    waiting = false;
    stop();
    files.remove('/bin/k3d-go');
    run();
  };
  const stop = files.watch(path => path === '/bin/k3d-go' && process.after(200, go));
  process.after(60_000, go, 60_000);
  container.waiters.add(stop);
}

/** The node's own secret, which the cluster remembers: a new container with an old name comes with another one. */
export function nodePassword(container: Container): string {
  const path = '/etc/rancher/node/password';
  const known = container.files.text(path)?.trim();
  if (known) return known;
  const password = randomBytes(16).toString('hex');
  container.files.write(path, `${password}\n`, 0o600);
  return password;
}
