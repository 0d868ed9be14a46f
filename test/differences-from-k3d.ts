/**
 * Where k3dui's commands differ on purpose from what real k3d 5.9 did for the same command line, each with its reason.
 * What is compared, in test/demo/as-k3d.test.ts: the exit code, standard output without the lines that tell how it goes,
 * JSON and YAML field by field, the last line said, and whether something was said on standard error.
 */
export interface Difference {
  /** Recordings it is about: a pattern over `ops/10-node-list-json`. */
  of: RegExp;
  /** What differs: a pattern over the comparison's findings. */
  what: RegExp;
  reason: string;
}

export const DIFFERENCES: Difference[] = [
  {
    of: /(node|cluster|registry)-list.*(json|yaml)|list-two|tools-node/,
    what: /k3dui\.version: only ours$/,
    reason: 'what k3dui makes also bears its own version',
  },
  {
    of: /(node|cluster)-list.*(json|yaml)|list-two|tools-node/,
    what: /(env\.\d+|k3d\.cluster\.token): "(K3S_TOKEN=)?<hidden>" instead of "(K3S_TOKEN=)?TOKEN"$/,
    reason: 'the cluster’s token is shown only with --token; k3d leaves it in environment and labels',
  },
  {
    of: /(cluster|node)-list.*(json|yaml)|list-two|tools-node/,
    what: /serverlb\.env\.2: "NGINX_VERSION=/,
    reason: 'the version is the load balancer image’s own',
  },
  {
    of: /(cluster|node)-list.*(json|yaml)|list-two|tools-node/,
    what: /serverlb\.env\.([5-9]|10): only theirs$/,
    reason: 'each time k3d replaces a load balancer it says the image’s variables once more',
  },
  {
    of: /registry-list.*json/,
    what: /env\.\d+: "REGISTRY_PROXY_PASSWORD=<hidden>"/,
    reason: 'nor is a password shown',
  },
  {
    of: /cluster-list-(stopped|with|two)/,
    what: /portMappings\.93\/tcp: only theirs$/,
    reason: 'k3d had added this port in a command that was not recorded',
  },
  {
    of: /kubeconfig-(get|merge-stdout)/,
    what: /server: "https:\/\/127\.0\.0\.1:PORT" instead of "https:\/\/0\.0\.0\.0:PORT"$/,
    reason: '0.0.0.0 is an address to listen at, not one to connect to; certificates hold 127.0.0.1 for sure',
  },
  {
    of: /kubeconfig-merge-two/,
    what: /^output/,
    reason: 'a file that two clusters were merged into is named once',
  },
  {
    of: /24-version|25-version/,
    what: /^output|k3dui: only ours|k3s: /,
    reason: 'k3dui says its own version too, last',
  },
  {
    of: /runtime-info/,
    what: /\.(cgroupdriver|cgroupversion|endpoint|infoname|os|version): /,
    reason: 'another engine',
  },
  {
    of: /34-node-create-server|35-node-delete-unwanted/,
    what: /^(last|exit code|stderr)/,
    reason: 'a second server cannot join a cluster on SQLite: refused at once, so there is none to delete',
  },
  {
    of: /(36|37)-node-st|7[1-4]-registry/,
    what: /^last: (Stopped|Started|Deleted) /,
    reason: 'what was done is said',
  },
  { of: /7[12]-registry/, what: /^output/, reason: 'k3d has no such commands, and answers with its help' },
  { of: /7[34]-registry-delete/, what: /^stderr/, reason: 'a warning that images go as well' },
  {
    of: /node-edit-port/,
    what: /^last: Successfully updated k3d-ops-serverlb instead of .*-[A-Za-z]{5}$/,
    reason: 'the load balancer that is, not the name of the one that was replaced',
  },
  {
    of: /51-cluster-start-running/,
    what: /^last: Cluster 'ops' is already running/,
    reason: 'nothing was started',
  },
  {
    of: /registry-create/,
    what: /^output: "# (let|put) /,
    reason: 'the help is for the registry as it is: names that work on both sides, running clusters too',
  },
  { of: /81-ha-node-create/, what: /^stderr/, reason: 'a warning that an even number of servers is no safer' },
  {
    of: /84-ha-start/,
    what: /^(exit code|last)/,
    reason: 'k3d never came back: a deleted server stayed a member of etcd',
  },
  {
    of: /image-import-tools-(image|tar|two)/,
    what: /./,
    reason: 'k3d’s help says --mode tools, but k3d takes only tools-node; here both work',
  },
  {
    of: /image-import/,
    what: /^stderr: "WARN.* asks the registry for :latest/,
    reason: 'a warning that Kubernetes does not use an imported :latest',
  },
  { of: /image-import/, what: /^last: /, reason: 'what came into the nodes is told in more words' },
  {
    of: /96-image|71-image-import-bad-tar/,
    what: /^(exit code|last)/,
    reason: 'k3d says it imported what is no archive',
  },
  {
    of: /97-image/,
    what: /^exit code: 1 instead of undefined|^(last|stderr)/,
    reason: 'k3d hangs over what is no archive',
  },
  { of: /fail\/(23|24)-/, what: /./, reason: 'no servers, or minus one agent, is an error' },
  { of: /fail\/29-/, what: /./, reason: 'a node filter that matches nothing is an error' },
  { of: /fail\/49-/, what: /./, reason: 'an unknown command is an error' },
  { of: /fail\/64-/, what: /./, reason: 'node create takes the next free number' },
];

/** Recordings that are not run again on the demo engine, and why. */
export const NOT_RUN: { of: RegExp; reason: string }[] = [
  { of: /60-image-import-stdin/, reason: 'a shell’s pipe; see the tests of image import' },
  { of: /fail\/4[345]-/, reason: 'k3s in the demo is too quick, and takes any argument' },
  { of: /fail\/47-/, reason: 'the demo engine has no GPUs to miss' },
];

/**
 * Fields of the objects that `cluster create` makes (test/unit/create-as-k3d.test.ts): node's name and command line say
 * where they differ.
 */
export const OBJECT_DIFFERENCES: { field: string; reason: string; of: (name: string, line: string) => boolean }[] = [
  {
    field: 'Entrypoint',
    reason: "the load balancer starts through our script, as k3d-proxy's own sleeps six seconds first",
    of: name => name.endsWith('-serverlb'),
  },
  {
    field: 'addresses',
    reason: 'in a subnet of ours every node has a fixed address: Docker could give a server’s to an agent',
    of: (name, line) => line.includes('--subnet') && !name.includes('-server-'),
  },
  {
    field: 'addresses',
    reason:
      'of several servers each has a fixed address: etcd knows its members by address, and Docker hands them out anew',
    of: (_, line) => /--servers [2-9]/.test(line),
  },
];

/** Environment variables that k3d 5.9 reads (pkg/types/env.go, os.Getenv and viper's keys) and k3dui does not. */
export const VARIABLES_NOT_READ: { name: string; reason: string }[] = [
  { name: 'K3D_IMAGE_TOOLS', reason: 'images go into nodes without a tools node, so there is no image to choose' },
  { name: 'K3D_DEBUG_COREDNS_RETRIES', reason: 'k3d 5.9 knows the name and reads it nowhere' },
  {
    name: 'DOCKER_MACHINE_NAME',
    reason: 'k3d asks docker-machine, which is no longer made, for an address that DOCKER_HOST has too',
  },
  {
    name: 'WSL_DISTRO_NAME',
    reason: 'k3d asks whether host.docker.internal is of use there; k3dui writes 127.0.0.1, which works everywhere',
  },
];

/** Command lines that k3d 5.9 takes without a word and k3dui refuses. */
export const REFUSED: { line: string; reason: string }[] = [
  { line: 'cluster delete one --all', reason: 'k3d forgets the name and deletes all clusters' },
  { line: 'cluster list -o bogus', reason: 'a format that there is none of is an error, not a table' },
  { line: 'node list -o bogus', reason: 'the same' },
  { line: 'registry list -o bogus', reason: 'the same' },
  { line: 'version -o yaml', reason: 'the same' },
  { line: 'config init -o - extra', reason: 'an argument that means nothing is an error' },
  { line: 'help nonsense', reason: 'an unknown command is an error' },
  { line: 'node create one -c https://127.0.0.1:1 -t secret --replicas 0', reason: 'no nodes are no request' },
  {
    line: 'cluster create one --network bridge',
    reason: 'nodes have no names there, so k3d waits for its load balancer for ever',
  },
];

/** What k3d 5.9 writes into every file that `config migrate` writes, though it was not there, and k3dui does not. */
export const NOT_WRITTEN: { key: string; reason: string }[] = [
  { key: 'wait', reason: 'k3d writes wait: false, so that the migrated file no longer waits, as the old one did' },
  { key: 'disable', reason: 'disableLoadbalancer and its like are false by default, and so are all others' },
  { key: 'HostPidMode', reason: 'the same' },
  { key: 'registries', reason: 'an empty object says nothing; nor do kubeAPI, loadbalancer, k3s and kubeconfig' },
];
