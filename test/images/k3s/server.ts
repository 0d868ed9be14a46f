import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { bareToken, nodePassword } from './agent.ts';
import { writeContainerdConfig } from './containerd.ts';
import { runManifests, runNodeController, runNodeLifecycle, seed, setHosts } from './controllers.ts';
import type { Faults } from './faults.ts';
import type { Flags } from './flags.ts';
import { type Access, ask } from './http.ts';
import { kubeconfig, writeKubeconfig } from './kubeconfig.ts';
import { runKubelet } from './kubelet.ts';
import { listen, type Site } from './listener.ts';
import { fatal, info, klog } from './log.ts';
import { writeManifests } from './manifests.ts';
import { Membership } from './membership.ts';
import { ownAddress, parseLabels, parseTaints } from './node.ts';
import { readIfThere, serverDirectory, stateFile, version, writeFile } from './paths.ts';
import { type Authorities, adminCertificate, newAuthorities, saveAuthorities, savedAuthorities } from './pki.ts';
import { type Snapshot, Store } from './store.ts';

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));
const preparing = 'starting kubernetes: preparing server';

/** Asks a living server to be let in as a member. Tries for half a minute, then dies as k3s does. */
async function join(
  url: string,
  token: string,
  name: string,
): Promise<{ authorities: Authorities; snapshot: Snapshot }> {
  const access: Access = { url, basic: `server:${token}` };
  let last = '';
  for (const until = Date.now() + 30_000; Date.now() < until; await pause(200)) {
    try {
      const answer = await ask(access, 'POST', '/v1-k3s/server-bootstrap', { name });
      if (answer.status === 200) return JSON.parse(answer.text);
      last = `${answer.status} ${answer.text.trim()}`;
      if (answer.status === 401) fatal(`${preparing}: failed to validate token: ${url}: ${last}`);
      if (answer.status === 400 || answer.status === 409)
        fatal(`${preparing}: start managed database: joining etcd cluster: ${answer.text.trim()}`);
    } catch (cause) {
      last = cause instanceof Error ? cause.message : String(cause);
    }
  }
  return fatal(`${preparing}: failed to bootstrap cluster data: failed to get CA certs: ${url}: ${last}`);
}

function ownToken(flags: Flags): string {
  const kept = readIfThere(`${serverDirectory}/token`);
  const given = flags.last('token') ?? process.env.K3S_TOKEN ?? kept ?? randomBytes(16).toString('hex');
  writeFile(`${serverDirectory}/token`, `${given.trim()}\n`);
  writeFile(`${serverDirectory}/node-token`, `${given.trim()}\n`);
  return bareToken(given);
}

/** `k3s server`. Resolves once the server is up; it then runs until the process is told to end. */
export async function runServer(flags: Flags, faults: Faults, args: string[]): Promise<void> {
  const name = flags.last('node-name') ?? hostname();
  const ip = flags.last('node-ip') ?? ownAddress();
  const url = flags.last('server') ?? process.env.K3S_URL;
  info(`Starting k3s ${version()} (5ab1e0d5)`);

  const token = ownToken(flags);
  const saved = savedAuthorities();
  const store = new Store(stateFile);
  // Whatever ends the process, also while it starts: what it answered for is kept.
  process.on('exit', () => store.save());
  const joined = !saved && url !== undefined && url !== '' ? await join(url, token, name) : undefined;
  const authorities = saved ?? joined?.authorities ?? newAuthorities();
  if (!saved) saveAuthorities(authorities);
  if (joined) store.load(joined.snapshot);

  const port = Number(flags.last('https-listen-port') ?? 6443);
  const accessTo = (peer: string): Access => ({
    url: `https://${peer}:${port}`,
    ca: authorities.server.cert,
    basic: `server:${token}`,
  });
  const membership = new Membership(store, name, accessTo);
  const first = membership.members.length === 0;
  const clustered = flags.on('cluster-init') || membership.members.length > 0;
  if (first && clustered) membership.members = [name];
  if (!clustered) membership.leader = name;
  info(
    clustered
      ? 'Starting etcd for cluster'
      : 'Configuring sqlite3 database connection pooling: maxIdleConns=2, maxOpenConns=0, connMaxLifetime=0s',
  );
  if (!clustered) info('Kine available at unix://kine.sock');

  let ready = false;
  const hosts = [
    '127.0.0.1',
    'localhost',
    '10.43.0.1',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    ip,
    name,
  ];
  const sans = flags.all('tls-san').flatMap(san => san.split(','));
  const site: Site = { authorities, store, membership, token, clustered, ready: () => ready };
  await listen(site, [...new Set([...hosts, ...sans])], port).catch(cause => fatal(`${preparing}: ${String(cause)}`));

  info(
    `Running kube-apiserver --advertise-port=${port} --allow-privileged=true --anonymous-auth=false --secure-port=6444`,
  );
  info('Running kube-scheduler --authorization-kubeconfig=/var/lib/rancher/k3s/server/cred/scheduler.kubeconfig');
  info('Running kube-controller-manager --allocate-node-cidrs=true --cluster-cidr=10.42.0.0/16');
  klog('server.go:195', `Version: ${version()}`);
  info(`To join node to cluster: k3s agent -s https://${ip}:${port} -t \${NODE_TOKEN}`);
  const admin = adminCertificate(authorities);
  const access = { url: `https://127.0.0.1:${port}`, ca: authorities.server.cert, ...admin };
  const mode = Number.parseInt(flags.last('write-kubeconfig-mode') ?? process.env.K3S_KUBECONFIG_MODE ?? '600', 8);
  const output = flags.last('write-kubeconfig') ?? process.env.K3S_KUBECONFIG_OUTPUT;
  const written = writeKubeconfig(kubeconfig(access, authorities.client.cert), output, mode);
  info(`Wrote kubeconfig ${written[0]}`);
  info('Run: k3s kubectl');
  if (!flags.on('disable-agent')) {
    writeContainerdConfig(flags.last('snapshotter'));
    info('Containerd is now running');
  }
  info('Waiting for API server to become available');

  await membership.settle();
  if (faults.slow > 0) await pause(faults.slow);
  const disabled = flags.all('disable').flatMap(list => list.split(','));
  writeManifests(disabled, `${ip} ${name}`);
  if (membership.leads) seed(store);
  ready = true;
  info('Kube API server is now running');
  info('k3s is up and running');
  info('Starting /v1, Kind=Node controller');
  lead(site, faults);

  if (!flags.on('disable-agent')) {
    const labels = parseLabels(flags.all('node-label'));
    const taints = parseTaints(flags.all('node-taint'));
    nodePassword();
    await runKubelet(
      access,
      { name, role: 'server', etcd: clustered, ip, labels, taints, args, ready: true },
      faults.nodeReady,
    );
  }
}

/** Starts the controllers once this server leads, now or later. */
function lead(site: Site, faults: Faults): void {
  const { membership, store } = site;
  const begin = (): void => {
    if (!membership.leads) return;
    clearInterval(waiting);
    runNodeController(store, node => {
      if (membership.members.includes(node)) membership.members = membership.members.filter(member => member !== node);
    });
    runManifests(store);
    runNodeLifecycle(store, faults.nodeGrace);
    setTimeout(setHosts, 150, store);
  };
  const waiting = setInterval(begin, 500);
  waiting.unref();
  begin();
}
