/** What a field of the create form holds, and how it is edited. */
export type FieldKind =
  /** One line of text. */
  | 'line'
  /** A number: `+` and `-` change it. */
  | 'count'
  /** Yes or no: Space changes it. */
  | 'switch'
  /** Any number of lines; there is always an empty one at the end. */
  | 'list';

export interface FormField {
  /** The name of the part of the ClusterSpec it fills: problems name it too. */
  id: FieldId;
  label: string;
  kind: FieldKind;
  /** Under `More options`. */
  more: boolean;
  /** What it is and how it is written; shown while the field has the focus. */
  help: string;
  placeholder?: string;
  /** Where suggestions come from (Ctrl-O). */
  choices?: 'images' | 'networks' | 'registries';
  secret?: boolean;
}

export type FieldId =
  | 'name'
  | 'servers'
  | 'agents'
  | 'image'
  | 'kubeAPI'
  | 'ports'
  | 'volumes'
  | 'env'
  | 'k3sArgs'
  | 'k3sNodeLabels'
  | 'runtimeLabels'
  | 'hostAliases'
  | 'registryUse'
  | 'registryCreate'
  | 'registryMirror'
  | 'registryDelete'
  | 'registryConfig'
  | 'network'
  | 'subnet'
  | 'token'
  | 'loadBalancer'
  | 'lbConfigOverrides'
  | 'imageVolume'
  | 'serversMemory'
  | 'agentsMemory'
  | 'runtimeUlimits'
  | 'gpus'
  | 'hostPidMode'
  | 'wait'
  | 'timeoutSeconds'
  | 'rollback'
  | 'updateDefaultKubeconfig'
  | 'switchContext';

const FILTERS =
  'After @ come the nodes it is for: server:0, agent:*, agents:0,2, loadbalancer, all, with ; between several.';

export const FIELDS: readonly FormField[] = [
  {
    id: 'name',
    label: 'Name',
    kind: 'line',
    more: false,
    help: 'Letters, digits and hyphens, 32 at most. Containers are named k3d-NAME-server-0 and so on.',
  },
  {
    id: 'servers',
    label: 'Servers',
    kind: 'count',
    more: false,
    help: 'Nodes that run the control plane. With several they form an etcd cluster; 3 survives the loss of one.',
  },
  {
    id: 'agents',
    label: 'Agents',
    kind: 'count',
    more: false,
    help: 'Nodes that only run workloads. 0 is fine: servers run workloads too.',
  },
  {
    id: 'image',
    label: 'Image',
    kind: 'line',
    more: false,
    choices: 'images',
    help: 'k3s image with tag or digest, or a word: stable, latest, +v1.33 (a release channel). Ctrl-O lists what Docker has.',
  },
  {
    id: 'kubeAPI',
    label: 'API port',
    kind: 'line',
    more: false,
    placeholder: 'a free port on 0.0.0.0',
    help: '[ADDRESS or NAME:]PORT on this machine for the Kubernetes API: 6550, 127.0.0.1:6550, random.',
  },
  {
    id: 'ports',
    label: 'Ports',
    kind: 'list',
    more: false,
    placeholder: 'add: 8080:80@loadbalancer',
    help: `[IP:][HOST:]CONTAINER[/udp][@NODES], as in 8080:80@loadbalancer; ranges as 8000-8003:80-83. ${FILTERS} With @server:0:direct it goes past the load balancer.`,
  },
  {
    id: 'registryUse',
    label: 'Registries',
    kind: 'line',
    more: false,
    choices: 'registries',
    placeholder: 'none; Ctrl-O lists those there are',
    help: 'Registries that the cluster pulls from, with spaces between. What Docker pushes to them its pods can run.',
  },
  {
    id: 'registryCreate',
    label: 'New registry',
    kind: 'line',
    more: false,
    placeholder: 'none; a name makes one: dev, dev:5000',
    help: 'NAME[:ADDRESS][:PORT] of a registry that is made with the cluster, and goes with it while nobody else uses it.',
  },
  {
    id: 'registryMirror',
    label: 'As mirror of',
    kind: 'line',
    more: true,
    placeholder: 'nothing: Docker pushes to it',
    help: 'docker.io, ghcr.io or a URL: the new registry fetches and keeps what the cluster pulls from there.',
  },
  {
    id: 'registryDelete',
    label: 'Delete from it',
    kind: 'switch',
    more: true,
    help: 'Tags can be deleted from the new registry, and its disk freed of what they led to.',
  },
  {
    id: 'registryConfig',
    label: 'registries.yaml',
    kind: 'line',
    more: true,
    placeholder: 'nothing but the registries above',
    help: 'Path of a file with further mirrors and logins; it is merged into what the nodes are told.',
  },
  {
    id: 'volumes',
    label: 'Volumes',
    kind: 'list',
    more: true,
    placeholder: 'add: /srv/data:/data@agent:*',
    help: `SOURCE:PATH[:OPTIONS][@NODES], source a folder or the name of a Docker volume. ${FILTERS}`,
  },
  {
    id: 'env',
    label: 'Environment',
    kind: 'list',
    more: true,
    placeholder: 'add: HTTP_PROXY=http://proxy:3128@server:0',
    help: `NAME=VALUE[@NODES]; a literal @ is written \\@. ${FILTERS}`,
  },
  {
    id: 'k3sArgs',
    label: 'k3s arguments',
    kind: 'list',
    more: true,
    placeholder: 'add: --disable=traefik@server:*',
    help: `What is added to the k3s command line, in this order: --disable=traefik@server:*. ${FILTERS}`,
  },
  {
    id: 'k3sNodeLabels',
    label: 'Node labels',
    kind: 'list',
    more: true,
    placeholder: 'add: disk=ssd@agent:0',
    help: `Kubernetes labels of nodes: KEY=VALUE[@NODES]. ${FILTERS}`,
  },
  {
    id: 'runtimeLabels',
    label: 'Docker labels',
    kind: 'list',
    more: true,
    placeholder: 'add: owner=me@all',
    help: `Labels of the containers: KEY=VALUE[@NODES]; not app, k3d.… or k3s.…. ${FILTERS}`,
  },
  {
    id: 'hostAliases',
    label: 'Host aliases',
    kind: 'list',
    more: true,
    placeholder: 'add: 192.168.1.4:db.local,cache.local',
    help: 'IP:NAME[,NAME…]: names that nodes and pods resolve to this address.',
  },
  {
    id: 'network',
    label: 'Network',
    kind: 'line',
    more: true,
    choices: 'networks',
    placeholder: 'one of its own',
    help: 'An existing Docker network to join. Ctrl-O lists them. Empty: a network of its own, removed with the cluster.',
  },
  {
    id: 'subnet',
    label: 'Subnet',
    kind: 'line',
    more: true,
    placeholder: "Docker's choice",
    help: 'Address range of its own network: 172.28.0.0/16, or auto for a free one. Servers then keep their addresses.',
  },
  {
    id: 'token',
    label: 'Token',
    kind: 'line',
    more: true,
    secret: true,
    placeholder: 'a random one',
    help: 'Secret with which nodes join the cluster.',
  },
  {
    id: 'loadBalancer',
    label: 'Load balancer',
    kind: 'switch',
    more: true,
    help: 'An nginx before the nodes: ports can then be added later without touching the nodes.',
  },
  {
    id: 'lbConfigOverrides',
    label: 'Its settings',
    kind: 'list',
    more: true,
    placeholder: 'add: settings.workerConnections=2048',
    help: 'settings.workerConnections=N, settings.defaultProxyTimeout=SECONDS.',
  },
  {
    id: 'imageVolume',
    label: 'Image volume',
    kind: 'switch',
    more: true,
    help: 'A volume that all nodes share, through which images are imported.',
  },
  {
    id: 'serversMemory',
    label: 'Server memory',
    kind: 'line',
    more: true,
    placeholder: 'no limit',
    help: 'Memory limit of each server: 512m, 2g. Kubernetes sees no more than that.',
  },
  {
    id: 'agentsMemory',
    label: 'Agent memory',
    kind: 'line',
    more: true,
    placeholder: 'no limit',
    help: 'Memory limit of each agent: 512m, 2g. Kubernetes sees no more than that.',
  },
  {
    id: 'runtimeUlimits',
    label: 'Ulimits',
    kind: 'list',
    more: true,
    placeholder: 'add: nofile=65536:65536',
    help: 'Limits of all containers: NAME=SOFT:HARD, as in nofile=65536:65536; -1 is unlimited.',
  },
  {
    id: 'gpus',
    label: 'GPUs',
    kind: 'line',
    more: true,
    placeholder: 'none',
    help: "For servers and agents: all, a number, or device=ID. Docker needs the vendor's container toolkit.",
  },
  {
    id: 'hostPidMode',
    label: 'Host processes',
    kind: 'switch',
    more: true,
    help: "Nodes see the machine's processes, as some tools that watch them need.",
  },
  {
    id: 'wait',
    label: 'Wait until ready',
    kind: 'switch',
    more: true,
    help: 'Done means: the Kubernetes API answers at its published address and every node has registered.',
  },
  {
    id: 'timeoutSeconds',
    label: 'Time limit',
    kind: 'line',
    more: true,
    placeholder: 'the default',
    help: 'For the whole, in seconds or as 90s, 5m, 1h.',
  },
  {
    id: 'rollback',
    label: 'Undo on failure',
    kind: 'switch',
    more: true,
    help: 'Removes what this run made when it fails; logs are kept either way.',
  },
  {
    id: 'updateDefaultKubeconfig',
    label: 'Write kubeconfig',
    kind: 'switch',
    more: true,
    help: 'Adds the cluster to your default kubeconfig.',
  },
  {
    id: 'switchContext',
    label: 'Switch context',
    kind: 'switch',
    more: true,
    help: 'Makes it the current context, so that kubectl talks to it at once.',
  },
];

export const fieldById = (id: string): FormField | undefined => FIELDS.find(field => field.id === id);
