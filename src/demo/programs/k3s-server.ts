import { isIP } from 'node:net';
import { posix } from 'node:path';
import { digest } from '../ids.ts';
import { clusterOf, flagValues, type K3s, nodePassword } from './k3s.ts';
import { joinTarget } from './k3s-join.ts';
import { applyManifest } from './kubernetes-apply.ts';
import { KubeCluster } from './kubernetes-cluster.ts';
import { timeline } from './timeline.ts';

/** A server's life from its first line to ready, in about 2.5 simulated seconds. */
export function startServer(node: K3s): void {
  const { process, log, container, args, env } = node;
  container.memory.set('listens', false);
  log.info(`Starting k3s ${node.version} (demo)`);
  const datastore = flagValues(args, '--datastore-endpoint')[0] ?? env.K3S_DATASTORE_ENDPOINT;
  const host = datastore ? /@?([a-z0-9.-]+):\d+/i.exec(datastore.replace(/^.*@/, '@'))?.[1] : undefined;
  if (datastore && host && !isIP(host) && !node.world.resolve(container, host)) {
    process.after(600, () => {
      log.fatal(
        `starting kubernetes: preparing server: creating storage endpoint: building kine: dial tcp: lookup ${host} on 127.0.0.11:53: no such host`,
      );
      process.exit(1);
    });
    return;
  }
  const url = env.K3S_URL || flagValues(args, '--server')[0];
  if (clusterOf(container)) begin(node);
  else if (url) join(node, url);
  else {
    const token = env.K3S_TOKEN || flagValues(args, '--token')[0] || digest(container.id).slice(7, 39);
    container.memory.set('cluster', new KubeCluster(node.world, token));
    begin(node);
  }
}

/** A further server asks the first for the way in; k3s gives up with a fatal line, and Docker starts it again. */
function join(node: K3s, url: string): void {
  const { process, log, container, env, args } = node;
  log.info('Managed etcd cluster not yet initialized');
  process.after(300, () => {
    const target = joinTarget(node, url);
    const token = env.K3S_TOKEN || flagValues(args, '--token')[0] || '';
    const refused = `starting kubernetes: preparing server: failed to get CA certs: Get "${url}/cacerts"`;
    if (!target) {
      log.fatal(`${refused}: dial tcp: lookup ${new URL(url).hostname} on 127.0.0.11:53: no such host`);
      return process.exit(1);
    }
    if (!target.cluster || target.container.memory.get('listens') !== true) {
      log.fatal(`${refused}: dial tcp ${target.ip}:6443: connect: connection refused`);
      return process.exit(1);
    }
    if (target.cluster.token !== token) {
      log.fatal(
        `starting kubernetes: preparing server: failed to validate token: token CA hash does not match the Cluster CA certificate hash, or the token is wrong: 401 Unauthorized`,
      );
      return process.exit(1);
    }
    container.memory.set('cluster', target.cluster);
    begin(node);
  });
}

function begin(node: K3s): void {
  const { process, log, container, nodeName, args, env } = node;
  const cluster = clusterOf(container)!;
  node.cluster = cluster;
  const again = container.memory.get('listens') !== undefined && cluster.members.has(nodeName);
  cluster.members.set(nodeName, container);
  const ip = [...container.endpoints.values()].find(endpoint => endpoint.ip)?.ip ?? '127.0.0.1';
  const etcd = args.includes('--cluster-init') || cluster.members.size > 1;
  if (etcd && movedFromEtcd(node, cluster, ip)) return;
  cluster.renewCertificates();
  timeline(process, [
    [
      50,
      () =>
        log.info(
          etcd
            ? `Managed etcd cluster ${again ? 'bootstrap already complete and initialized' : 'initializing'}`
            : 'Configuring sqlite3 database connection pooling: maxIdleConns=2, maxOpenConns=0, connMaxLifetime=0s',
        ),
    ],
    [100, () => log.info(etcd ? `Starting etcd for cluster member ${nodeName}` : 'Kine available at unix://kine.sock')],
    [300, () => log.info('certificate CN=kube-apiserver signed by CN=k3s-server-ca: notAfter in one year')],
    [
      600,
      () => {
        container.memory.set('listens', true);
        log.info(
          `Running kube-apiserver --advertise-address=${ip} --advertise-port=6443 --allow-privileged=true --secure-port=6444`,
        );
        log.info('Running kube-scheduler --bind-address=127.0.0.1 --secure-port=10259');
        log.info('Running kube-controller-manager --allocate-node-cidrs=true --cluster-cidr=10.42.0.0/16');
        writeFiles(node, cluster);
        log.info('Server node token is available at /var/lib/rancher/k3s/server/node-token');
        log.info(`To join agent node to cluster: k3s agent -s https://${ip}:6443 -t \${AGENT_NODE_TOKEN}`);
        log.info(`Wrote kubeconfig ${env.K3S_KUBECONFIG_OUTPUT || '/etc/rancher/k3s/k3s.yaml'}`);
        log.info('Run: k3s kubectl');
        log.info('Waiting for API server to become available');
      },
    ],
    [900, () => log.info('Running containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml')],
    [1100, () => log.info('Containerd is now running')],
    [
      1300,
      () =>
        log.info(
          'Running kubelet --cloud-provider=external --container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock',
        ),
    ],
    [1800, () => whenQuorum(node, cluster, () => becomeReady(node, cluster))],
  ]);
}

/** etcd knows its members by address: a server that comes back with another one is none any more, and gives up. */
function movedFromEtcd({ process, log, nodeName }: K3s, cluster: KubeCluster, ip: string): boolean {
  const before = cluster.memberAddresses.get(nodeName) ?? ip;
  cluster.memberAddresses.set(nodeName, before);
  if (before === ip) return false;
  const member = (name: string) => `${name}-${digest(name).slice(7, 15)}`;
  const known = [...cluster.memberAddresses]
    .map(([name, address]) => `${member(name)}=https://${address}:2380`)
    .join(' ');
  process.after(600, () => {
    log.fatal(
      `starting kubernetes: preparing server: start managed database: this server is a not a member of the etcd cluster. Found [${known}], expect: ${member(nodeName)}=${ip}`,
    );
    process.exit(1);
  });
  return true;
}

/** etcd needs the majority of its members: a first server started alone waits for the others. */
function whenQuorum(node: K3s, cluster: KubeCluster, run: () => void): void {
  if (cluster.quorum) {
    run();
    return;
  }
  node.log.warning('Failed to get apiserver readiness: etcdserver: no leader');
  node.process.after(500, () => whenQuorum(node, cluster, run), 20);
}

function becomeReady(node: K3s, cluster: KubeCluster): void {
  const { process, log, container, nodeName } = node;
  timeline(process, [
    [0, () => log.klog('I', 'kubelet_node_status.go:75', `"Attempting to register node" node="${nodeName}"`)],
    [300, () => cluster.ready.add(container)],
    [400, () => log.info('Kube API server is now running')],
    [500, () => log.info('ETCD server is now running')],
    [650, () => log.info('k3s is up and running')],
    [700, () => log.info('Starting /v1, Kind=Node controller')],
    [
      800,
      () => {
        const known = cluster.passwords.get(nodeName);
        cluster.passwords.set(nodeName, known ?? nodePassword(container));
        cluster.register(container, nodeName, 'server', node.version, nodeLabelFlags(node.args));
        log.klog('I', 'kubelet_node_status.go:78', `"Successfully registered node" node="${nodeName}"`);
      },
    ],
    [900, () => log.info('Cluster dns configmap has been set successfully')],
    [950, () => deployManifests(node, cluster)],
    [1000, () => log.info(`Labels and annotations have been set successfully on node: ${nodeName}`)],
  ]);
}

const MANIFESTS = '/var/lib/rancher/k3s/server/manifests';

/** k3s' deploy controller: what lies in the manifests folder is in the cluster, also after it changed. */
function deployManifests({ process, container, log }: K3s, cluster: KubeCluster): void {
  const { files } = container;
  const deploy = (path: string) => {
    try {
      for (const { kind, name } of applyManifest(cluster, files.text(path) ?? '', 'kube-system')) {
        log.info(`Applying manifest ${path}: ${kind} ${name}`);
      }
    } catch (error) {
      log.error(`Failed to process config: failed to process ${path}: ${(error as Error).message.split('\n')[0]}`);
    }
  };
  for (const name of files.list(MANIFESTS)) deploy(`${MANIFESTS}/${name}`);
  const stop = files.watch(path => {
    if (posix.dirname(path) === MANIFESTS && /\.ya?ml$/.test(path)) process.after(500, () => deploy(path));
  });
  container.waiters.add(stop);
}

export function nodeLabelFlags(args: string[]): Record<string, string> {
  const pairs = flagValues(args, '--node-label').flatMap(text => text.split(','));
  return Object.fromEntries(pairs.map(pair => [pair.split('=')[0]!, pair.split('=').slice(1).join('=')]));
}

function writeFiles({ container, env, nodeName }: K3s, cluster: KubeCluster): void {
  const { files } = container;
  // Certificates are dear: made when somebody looks.
  const kubeconfig = () => cluster.kubeconfig();
  const token = () => `K10${digest(cluster.serverCa.cert).slice(7)}::server:${cluster.token}\n`;
  files.writeLazy('/etc/rancher/k3s/k3s.yaml', kubeconfig, 0o600);
  if (env.K3S_KUBECONFIG_OUTPUT) files.writeLazy(env.K3S_KUBECONFIG_OUTPUT, kubeconfig, 0o600);
  files.writeLazy('/var/lib/rancher/k3s/server/node-token', token, 0o600);
  files.writeLazy('/var/lib/rancher/k3s/server/token', token, 0o600);
  // k3s writes its manifests anew at each start.
  const ip = [...container.endpoints.values()].find(endpoint => endpoint.ip)?.ip ?? '';
  files.write('/var/lib/rancher/k3s/server/manifests/coredns.yaml', corednsManifest(ip, nodeName), 0o600);
}

const corednsManifest = (ip: string, name: string) => `apiVersion: v1
kind: ServiceAccount
metadata:
  name: coredns
  namespace: kube-system
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: coredns
  namespace: kube-system
data:
  Corefile: |
    .:53 {
        errors
        health
        ready
        kubernetes cluster.local in-addr.arpa ip6.arpa {
          pods insecure
          fallthrough in-addr.arpa ip6.arpa
        }
        hosts /etc/coredns/NodeHosts {
          ttl 60
          reload 15s
          fallthrough
        }
        forward . /etc/resolv.conf
    }
  NodeHosts: |
    ${ip} ${name}
`;
