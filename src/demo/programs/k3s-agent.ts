import { clusterOf, flagValues, type K3s, nodePassword } from './k3s.ts';
import { joinTarget } from './k3s-join.ts';
import { nodeLabelFlags } from './k3s-server.ts';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { timeline } from './timeline.ts';

/** An agent's life: it asks its server until that lets it in, and is there a simulated second later. */
export function startAgent(node: K3s): void {
  const { process, log, env, args } = node;
  log.info(`Starting k3s agent ${node.version} (demo)`);
  const url = env.K3S_URL || flagValues(args, '--server')[0];
  if (!url) {
    process.after(50, () => {
      log.fatal('--server is required');
      process.exit(1);
    });
    return;
  }
  log.info(`Running load balancer k3s-agent-load-balancer 127.0.0.1:6444 -> [${new URL(url).host}]`);
  process.after(100, () => tryJoin(node, url));
}

function tryJoin(node: K3s, url: string): void {
  const { process, log, env, args, container } = node;
  // Real k3s waits five seconds between two attempts.
  const retry = () => process.after(1000, () => tryJoin(node, url), 50);
  const target = joinTarget(node, url);
  if (!target) {
    log.error(
      `failed to get CA certs: Get "https://127.0.0.1:6444/cacerts": dial tcp: lookup ${new URL(url).hostname} on 127.0.0.11:53: no such host`,
    );
    retry();
    return;
  }
  const { cluster } = target;
  if (!cluster || target.container.memory.get('listens') !== true || !target.container.program) {
    log.error(
      'failed to get CA certs: Get "https://127.0.0.1:6444/cacerts": read tcp 127.0.0.1:55180->127.0.0.1:6444: read: connection reset by peer',
    );
    retry();
    return;
  }
  const token = env.K3S_TOKEN || flagValues(args, '--token')[0] || '';
  if (token !== cluster.token && !token.endsWith(`::server:${cluster.token}`)) {
    log.error(
      'failed to get CA certs: https://127.0.0.1:6444/v1-k3s/client-kubelet.crt: 401 Unauthorized: token is not valid',
    );
    retry();
    return;
  }
  if (!cluster.answers(target.container)) {
    log.error('Failed to configure agent: https://127.0.0.1:6444/v1-k3s/serving-kubelet.crt: 503 Service Unavailable');
    retry();
    return;
  }
  const known = cluster.passwords.get(node.nodeName);
  if (known && known !== nodePassword(container)) {
    log.error(
      `Failed to retrieve agent configuration: Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag`,
    );
    retry();
    return;
  }
  cluster.passwords.set(node.nodeName, nodePassword(container));
  joined(node, cluster);
}

function joined(node: K3s, cluster: KubeCluster): void {
  const { process, log, container, nodeName } = node;
  if (clusterOf(container) !== cluster) container.memory.set('cluster', cluster);
  node.cluster = cluster;
  timeline(process, [
    [100, () => log.info('Running containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml')],
    [350, () => log.info('Containerd is now running')],
    [
      500,
      () =>
        log.info(
          'Running kubelet --cloud-provider=external --container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock',
        ),
    ],
    [
      900,
      () => {
        cluster.register(container, nodeName, 'agent', node.version, nodeLabelFlags(node.args));
        log.klog('I', 'kubelet_node_status.go:78', `"Successfully registered node" node="${nodeName}"`);
      },
    ],
    [1000, () => log.info('k3s agent is up and running')],
  ]);
}
