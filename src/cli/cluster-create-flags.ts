import type { Command } from 'commander';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE, DEFAULT_REGISTRY_IMAGE } from '../config/default-image.ts';
import { createCluster } from './cluster-create.ts';
import { addDryRunFlags, collect, flag, handle, type Session, wholeNumber } from './command.ts';
import { explain, SEVERAL } from './explain.ts';

/** `cluster create`. */
export function addClusterCreate(cluster: Command, session: Session): void {
  const create = cluster
    .command('create [NAME]')
    .description(`create a cluster; without a name: ${DEFAULT_CLUSTER_NAME}`);
  addCreateFlags(create);
  addDryRunFlags(create);
  handle(create, session, createCluster);
}

/** k3d 5.9's flags of `cluster create`, in groups. */
export function addCreateFlags(command: Command): void {
  const nodes = 'Nodes:';
  command.optionsGroup(nodes);
  command
    .option('-s, --servers <count>', 'how many servers (default: 1)', wholeNumber('--servers'))
    .option('-a, --agents <count>', 'how many agents (default: 0)', wholeNumber('--agents'))
    .option('-i, --image <image>', `k3s image, or latest, stable, +CHANNEL (default: ${DEFAULT_K3S_IMAGE})`)
    .option('--token <token>', 'the secret that nodes join with (default: a fresh one)')
    .option('-e, --env <variable>', 'environment variable, KEY[=VALUE][@FILTER] *', collect)
    .option('-v, --volume <mount>', 'mount a folder or volume, [SOURCE:]DEST[@FILTER] *', collect)
    .option('--k3s-arg <argument>', 'argument for k3s, ARG@FILTER *', collect)
    .option('--k3s-node-label <label>', 'Kubernetes node label, KEY[=VALUE][@FILTER] *', collect)
    .option('--runtime-label <label>', 'container label, KEY[=VALUE][@FILTER] *', collect)
    .option('--runtime-ulimit <limit>', 'container limit, NAME=SOFT:HARD *', collect)
    .option('--servers-memory <size>', 'memory limit of each server, for example 2g')
    .option('--agents-memory <size>', 'memory limit of each agent')
    .option('--gpus <gpus>', 'GPUs for the nodes: all, a number, or device=ID');
  flag(command, '--host-pid-mode', "let nodes see the host's processes", nodes);

  const network = 'Network:';
  command.optionsGroup(network);
  command
    .option('-p, --port <mapping>', 'publish a port, [IP:][HOSTPORT:]PORT[/PROTOCOL][@FILTER] *', collect)
    .option('--api-port <port>', 'where the Kubernetes API is published, [HOST:]PORT (default: a free port)')
    .option('--network <name>', 'join this network instead of making one')
    .option('--subnet <CIDR>', 'address range of the network, or auto')
    .option('--host-alias <alias>', 'names for an address, IP:NAME[,NAME] *', collect)
    .option('--lb-config-override <setting>', 'setting of the load balancer, KEY=VALUE *', collect);
  flag(command, '--no-lb', 'no load balancer', network);

  const registries = 'Registries and images:';
  command.optionsGroup(registries);
  command
    .option('--registry-create <registry>', 'make a registry with the cluster, NAME[:HOST][:HOSTPORT]')
    .option('--registry-use <registry>', 'connect a registry that is there, NAME[:PORT] *', collect)
    .option('--registry-config <file>', "registries.yaml that is merged into the cluster's own")
    .option('--registry-image <image>', `image of the registry that is made (default: ${DEFAULT_REGISTRY_IMAGE})`)
    .option('--registry-volume <mount>', 'where it keeps its images, [SOURCE:]DEST *', collect)
    .option('--registry-proxy-remote-url <url>', 'the registry it mirrors, as https://registry-1.docker.io')
    .option('--registry-proxy-username <name>', 'user name there; the password comes from REGISTRY_PROXY_PASSWORD');
  flag(command, '--registry-delete-enabled', 'images may be deleted from it', registries);
  flag(
    command,
    '--enforce-registry-port-match',
    'same port inside and outside, so that one name fits both',
    registries,
  );
  flag(command, '--no-image-volume', 'no volume for images to be imported', registries);

  const doing = 'How it is done:';
  command.optionsGroup(doing);
  flag(
    command,
    '--wait',
    'wait until the cluster is of use (default: yes; --wait=false: only until its containers run)',
    doing,
  );
  command
    .option('--timeout <duration>', 'how long it may take before all is undone, for example 5m')
    .option('-c, --config <file>', 'config file, or - for standard input; flags beat it, lists add to it');
  flag(command, '--like-last', 'as the last cluster that was created here or in the app; flags beat it', doing);
  flag(
    command,
    '--replace',
    'in place of the cluster of that name, if there is one; asks first, as all in it is lost',
    doing,
  );
  flag(command, '-y, --yes', 'do not ask', doing);
  flag(command, '--no-rollback', 'leave what was made when something fails', doing);
  flag(command, '--kubeconfig-update-default', 'put the cluster into the default kubeconfig (default: yes)', doing);
  flag(command, '--kubeconfig-switch-context', 'make it the current context (default: yes)', doing);
  explain(
    command,
    SEVERAL,
    'FILTER says which nodes: server:0, agent:0,2, agent:1-3, server:*, all, loadbalancer; several with ; between them. Ports go through the load balancer unless :direct follows, as in 8080:80@agent:0:direct.',
  );
}
