import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addCreateFlags } from '../../src/cli/cluster-create-flags.ts';
import { clusterSpecFromFlags } from '../../src/cli/cluster-flags.ts';
import { normaliseFlags } from '../../src/cli/normalise-flags.ts';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';

const IMAGE = 'docker.io/rancher/k3s:v1.35.5-k3s1';

/** The command line through the whole way from words to specification. */
function specOf(line: string, env: NodeJS.ProcessEnv = {}): ClusterSpec {
  const program = new Command().exitOverride().configureOutput({ writeErr() {} });
  const create = program.command('create [NAME]');
  addCreateFlags(create);
  let spec: ClusterSpec | undefined;
  create.action(() => {
    spec = clusterSpecFromFlags(create.args[0], create.opts(), { env, defaultImage: IMAGE });
  });
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(match => match[1] ?? match[2]!);
  program.parse(normaliseFlags(program, ['create', ...words]), { from: 'user' });
  return spec!;
}

function expected(name: string, changes: Partial<ClusterSpec> = {}): ClusterSpec {
  return { ...defaultClusterSpec(IMAGE), name, ...changes };
}

/** Command lines of real k3d's recordings, with what they ask for. */
const RECORDED: [line: string, ClusterSpec][] = [
  ['', expected('k3s-default')],
  ['c1', expected('c1')],
  ['a2 --agents 2', expected('a2', { agents: 2 })],
  ['s3 --servers 3', expected('s3', { servers: 3 })],
  [
    'p1 --agents 1 -p 8081:80@loadbalancer',
    expected('p1', { agents: 1, ports: [{ port: '8081:80', nodeFilters: ['loadbalancer'] }] }),
  ],
  ['p2 --agents 1 -p 8082:80', expected('p2', { agents: 1, ports: [{ port: '8082:80', nodeFilters: [] }] })],
  [
    "p5 --agents 1 -p '8085:80@servers:*:proxy;agents:*:proxy'",
    expected('p5', { agents: 1, ports: [{ port: '8085:80', nodeFilters: ['servers:*:proxy', 'agents:*:proxy'] }] }),
  ],
  [
    'p6 -p 5353:53/udp@loadbalancer',
    expected('p6', { ports: [{ port: '5353:53/udp', nodeFilters: ['loadbalancer'] }] }),
  ],
  [
    'p11 --agents 2 -p 8086:80@loadbalancer -p 8443:443@loadbalancer -p 8087:81@agent:1:direct -p 8088:82@server:0',
    expected('p11', {
      agents: 2,
      ports: [
        { port: '8086:80', nodeFilters: ['loadbalancer'] },
        { port: '8443:443', nodeFilters: ['loadbalancer'] },
        { port: '8087:81', nodeFilters: ['agent:1:direct'] },
        { port: '8088:82', nodeFilters: ['server:0'] },
      ],
    }),
  ],
  ['api1 --api-port 6550', expected('api1', { kubeAPI: { hostPort: '6550' } })],
  ['api3 --api-port 127.0.0.1:6550', expected('api3', { kubeAPI: { hostIP: '127.0.0.1', hostPort: '6550' } })],
  ['nolb --no-lb', expected('nolb', { loadBalancer: false })],
  ['nolb3 --no-lb --servers 3 --agents 1', expected('nolb3', { loadBalancer: false, servers: 3, agents: 1 })],
  ['noiv --no-image-volume', expected('noiv', { imageVolume: false })],
  [
    'v1 --agents 1 -v /home/user/vol:/data@server:0',
    expected('v1', { agents: 1, volumes: [{ volume: '/home/user/vol:/data', nodeFilters: ['server:0'] }] }),
  ],
  [
    'e1 --agents 1 -e FOO=bar@agent:0 -e BAZ=qux',
    expected('e1', {
      agents: 1,
      env: [
        { envVar: 'FOO=bar', nodeFilters: ['agent:0'] },
        { envVar: 'BAZ=qux', nodeFilters: [] },
      ],
    }),
  ],
  [
    'ka --agents 1 --k3s-arg --disable=traefik@server:0 --k3s-arg --node-taint=x=y:NoSchedule@agent:0',
    expected('ka', {
      agents: 1,
      k3sArgs: [
        { arg: '--disable=traefik', nodeFilters: ['server:0'] },
        { arg: '--node-taint=x=y:NoSchedule', nodeFilters: ['agent:0'] },
      ],
    }),
  ],
  [
    'nl --agents 2 --k3s-node-label my.label@agent:0,1 --k3s-node-label other.label=somevalue@server:0',
    expected('nl', {
      agents: 2,
      k3sNodeLabels: [
        { label: 'my.label', nodeFilters: ['agent:0,1'] },
        { label: 'other.label=somevalue', nodeFilters: ['server:0'] },
      ],
    }),
  ],
  [
    'rl --agents 1 --runtime-label my.label=x@agent:0 --runtime-label lbl=z@loadbalancer',
    expected('rl', {
      agents: 1,
      runtimeLabels: [
        { label: 'my.label=x', nodeFilters: ['agent:0'] },
        { label: 'lbl=z', nodeFilters: ['loadbalancer'] },
      ],
    }),
  ],
  [
    'ul --agents 1 --runtime-ulimit nofile=1024:2048 --runtime-ulimit nproc=4096:8192',
    expected('ul', {
      agents: 1,
      runtimeUlimits: [
        { name: 'nofile', soft: 1024, hard: 2048 },
        { name: 'nproc', soft: 4096, hard: 8192 },
      ],
    }),
  ],
  ['nw --network bednet', expected('nw', { network: 'bednet' })],
  ['sub --subnet 172.28.0.0/16 --agents 1', expected('sub', { subnet: '172.28.0.0/16', agents: 1 })],
  ['tok --token mySecretToken --agents 1', expected('tok', { token: 'mySecretToken', agents: 1 })],
  [
    'mem --agents 1 --servers-memory 1g --agents-memory 1.5g',
    expected('mem', { agents: 1, serversMemory: '1g', agentsMemory: '1.5g' }),
  ],
  [
    'lbo --lb-config-override settings.workerConnections=2048',
    expected('lbo', { lbConfigOverrides: ['settings.workerConnections=2048'] }),
  ],
  ['img --image docker.io/rancher/k3s:v1.21.2-k3s1', expected('img', { image: 'docker.io/rancher/k3s:v1.21.2-k3s1' })],
  ['knu --kubeconfig-update-default=false', expected('knu', { updateDefaultKubeconfig: false, switchContext: false })],
  ['to --timeout 120s', expected('to', { timeoutSeconds: 120 })],
  [
    'nw2 --wait=false --kubeconfig-update-default=false --agents 1',
    expected('nw2', { wait: false, updateDefaultKubeconfig: false, switchContext: false, agents: 1 }),
  ],
  ['hpm --agents 1 --host-pid-mode', expected('hpm', { agents: 1, hostPidMode: true })],
];

describe('k3d’s command lines for creating a cluster', () => {
  it.each(RECORDED)('cluster create %s', (line, spec) => {
    expect(specOf(line)).toEqual(spec);
  });

  it('takes flags in every form that Go takes', () => {
    const spec = expected('x', {
      agents: 2,
      ports: [{ port: '8080:80', nodeFilters: [] }],
      loadBalancer: true,
      wait: true,
    });
    expect(specOf('x -a2 --port=8080:80 --no-lb=false --wait=true')).toEqual(spec);
    expect(specOf('--agents=2 -p=8080:80 x --wait')).toEqual(spec);
    expect(specOf('x -a=2 -p8080:80 --wait=T --no-lb=0')).toEqual(spec);
  });

  it('adds up filters of a value given twice, in the order given', () => {
    expect(specOf('x -e B=1@server:0 -e A=2@server:0 -e B=1@agent:0').env).toEqual([
      { envVar: 'B=1', nodeFilters: ['server:0', 'agent:0'] },
      { envVar: 'A=2', nodeFilters: ['server:0'] },
    ]);
  });

  it('reads K3D_ variables, which flags beat', () => {
    const env = { K3D_SERVERS: '3', K3D_OPTIONS_K3D_DISABLELOADBALANCER: 'true', K3D_TOKEN: 'fromEnv' };
    expect(specOf('x', env)).toEqual(expected('x', { servers: 3, loadBalancer: false, token: 'fromEnv' }));
    expect(specOf('x --servers 1 --no-lb=false --token flag', env)).toEqual(expected('x', { token: 'flag' }));
  });

  it('reads lists from K3D_ variables too, as k3d splits them', () => {
    const env = {
      K3D_CLI_PORTS: '8080:80@loadbalancer  8081:81@server:0',
      K3D_CLI_ENV: 'A=b@all',
      'K3D_CLI_API-PORT': '127.0.0.1:6550',
      K3D_HOSTALIASES: '1.2.3.4:a,b',
      K3D_OPTIONS_K3D_LOADBALANCER_CONFIGOVERRIDES: 'settings.workerConnections=2048,settings.defaultProxyTimeout=9',
    };
    expect(specOf('x', env)).toMatchObject({
      ports: [
        { port: '8080:80', nodeFilters: ['loadbalancer'] },
        { port: '8081:81', nodeFilters: ['server:0'] },
      ],
      env: [{ envVar: 'A=b', nodeFilters: ['all'] }],
      kubeAPI: { hostIP: '127.0.0.1', hostPort: '6550' },
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }],
      lbConfigOverrides: ['settings.workerConnections=2048', 'settings.defaultProxyTimeout=9'],
    });
    expect(specOf('x -p 90:90', env).ports).toEqual([{ port: '90:90', nodeFilters: [] }]);
  });

  it('keeps a host name of the API port for the engine to look up', () => {
    expect(specOf('x --api-port my.host:random').kubeAPI).toEqual({ host: 'my.host', hostPort: 'random' });
  });
});

describe('what cannot be done is refused, not ignored', () => {
  it.each([
    ['x --servers two', 'USAGE', 'two'],
    ['x --wait=maybe', 'USAGE', 'maybe'],
    ['x --timeout soon', 'DURATION_INVALID', 'soon'],
    ['x --api-port foo:bar:baz', 'API_PORT_INVALID', 'foo:bar:baz'],
    ['x -p notaport', 'PORT_SPEC_INVALID', 'notaport'],
    ['x -p 80:80 -p 80:80@server:0', 'PORT_SPEC_INVALID', '80:80'],
    ['x --host-alias notanip:foo', 'HOST_ALIAS_INVALID', 'notanip'],
    ['x --runtime-ulimit bogus=1:2', 'ULIMIT_INVALID', 'bogus'],
    ['x --runtime-label k3d.cluster=y', 'LABEL_RESERVED', 'k3d.cluster'],
    ['x -e A=b@server:0@agent:0', 'FLAG_FILTER_INVALID', '@'],
  ])('cluster create %s', (line, code, named) => {
    expect(() => specOf(line)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(named) }));
  });
});
