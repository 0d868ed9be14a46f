import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApiPort } from '../../src/config/api-port.ts';
import { checkClusterName } from '../../src/config/cluster-name.ts';
import { DEFAULT_K3S_IMAGE, loadBalancerImage } from '../../src/config/default-image.ts';
import { formatGoDuration, parseDuration } from '../../src/config/duration.ts';
import { parseEnv } from '../../src/config/env.ts';
import { parseGpus } from '../../src/config/gpus.ts';
import { formatHostAlias, parseHostAlias } from '../../src/config/host-aliases.ts';
import { k3sChannel, k3sVersionOf, normaliseImage } from '../../src/config/image.ts';
import { parseLabel, parseRuntimeLabel } from '../../src/config/labels.ts';
import { applyLbOverrides, parseLbOverride } from '../../src/config/lb-overrides.ts';
import { parseMemory } from '../../src/config/memory.ts';
import { firstAddress, formatSubnet, nextFreeAddress, parseSubnet, subnetsOverlap } from '../../src/config/subnet.ts';
import { formatUlimit, parseUlimit } from '../../src/config/ulimits.ts';
import {
  fileDestination,
  formatVolume,
  isClusterVolume,
  isNamedVolume,
  parseVolume,
} from '../../src/config/volumes.ts';
import { isK3duiError } from '../../src/errors.ts';

const refuses = (parse: () => unknown, code: string, message?: string) =>
  expect(parse).toThrow(expect.objectContaining(message === undefined ? { code } : { code, message }));

describe('API port', () => {
  it.each([
    ['create/19-api-port', '6550', { host: '0.0.0.0', hostIP: '0.0.0.0', hostPort: 6550 }],
    ['create/20-api-port-ip', '0.0.0.0:6550', { host: '0.0.0.0', hostIP: '0.0.0.0', hostPort: 6550 }],
    ['create/21-api-port-127', '127.0.0.1:6550', { host: '127.0.0.1', hostIP: '127.0.0.1', hostPort: 6550 }],
    ['a name', 'my.host:6550', { host: 'my.host', hostIP: undefined, hostPort: 6550 }],
    ['random', 'random', { host: '0.0.0.0', hostIP: '0.0.0.0', hostPort: 'random' }],
    ['IPv6', '[::1]:6550', { host: '::1', hostIP: '::1', hostPort: 6550 }],
  ])('%s', (_, text, expected) => {
    expect(parseApiPort(text)).toEqual(expected);
  });

  it('fail/11-api-port-bad is refused', () => {
    refuses(
      () => parseApiPort('foo:bar:baz'),
      'API_PORT_INVALID',
      "failed to parse Port Exposure specification 'foo:bar:baz': Format must be [(HostIP|HostName):]HostPort",
    );
    refuses(() => parseApiPort('65536'), 'API_PORT_INVALID');
  });
});

describe('cluster name', () => {
  it.each(['a', 'demo-1', 'Demo', 'a.b', 'x'.repeat(32)])('%s is fine', name => checkClusterName(name));
  it.each([
    [
      'fail/01-bad-name-uppercase',
      'Foo_Bar',
      "provided cluster name 'Foo_Bar' does not match requirements: Invalid cluster name. name Foo_Bar is not a valid hostname as per RFC 1123",
    ],
    [
      'fail/03-bad-name-leading-dash',
      './x',
      "provided cluster name './x' does not match requirements: Invalid cluster name. name ./x is not a valid hostname as per RFC 1123",
    ],
    [
      'too long',
      'x'.repeat(33),
      `provided cluster name '${'x'.repeat(33)}' does not match requirements: Cluster name must be <= 32 characters, but has 33`,
    ],
    ['empty', '', "provided cluster name '' does not match requirements: Invalid cluster name. No name provided"],
  ])('%s is refused', (_, name, message) => refuses(() => checkClusterName(name), 'CLUSTER_NAME_INVALID', message));
});

describe('GPUs, as Docker reads them', () => {
  const request = { Driver: '', Count: 0, DeviceIDs: null, Capabilities: [['gpu']], Options: {} };
  it.each([
    ['fail/47-gpus-none', 'all', { ...request, Count: -1 }],
    ['a number', '2', { ...request, Count: 2 }],
    ['one device', 'device=GPU-3a', { ...request, DeviceIDs: ['GPU-3a'] }],
    ['several devices', '"device=0,1",driver=nvidia', { ...request, DeviceIDs: ['0', '1'], Driver: 'nvidia' }],
    ['a driver alone', 'driver=nvidia', { ...request, Driver: 'nvidia', Count: 1 }],
    [
      'capabilities',
      '"capabilities=compute,utility",count=all',
      { ...request, Count: -1, Capabilities: [['compute', 'utility', 'gpu']] },
    ],
    ['options', '"options=""a=b,c""",1', { ...request, Count: 1, Options: { a: 'b,c' } }],
  ])('%s', (_, text, expected) => expect(parseGpus(text)).toEqual(expected));

  it.each([
    ['no number', 'some', "invalid GPU request 'some': value must be either \"all\" or an integer, not 'some'"],
    ['an unknown key', 'colour=red', "invalid GPU request 'colour=red': unexpected key 'colour' in 'colour=red'"],
    ['a key twice', '1,count=2', "invalid GPU request '1,count=2': gpu request key 'count' can be specified only once"],
    ['an open quote', '"device=0', "invalid GPU request '\"device=0': a quote is not closed, or stands where none may"],
  ])('%s is refused', (_, text, message) => refuses(() => parseGpus(text), 'GPUS_INVALID', message));
});

describe('volumes', () => {
  it.each([
    ['create/33-volume-bind', '/home/user/vol:/data', '/home/user/vol:/data'],
    ['create/34-volume-named', 'bednamed:/data', 'bednamed:/data'],
    ['one part, as k3d hands it over', '/data', '/data'],
    ['one part, a shortcut', 'k3s-storage', '/var/lib/rancher/k3s/storage'],
    ['options', '/a:/b:ro,z', '/a:/b:ro,z'],
    ['a shortcut', '/a:k3s-manifests-custom', '/a:/var/lib/rancher/k3s/server/manifests/custom'],
  ])('%s', (_, text, bind) => expect(formatVolume(parseVolume(text))).toBe(bind));

  it.each([
    ['fail/27-volume-bad', 'a:b:c:d', "invalid volume mount 'a:b:c:d': maximal 2 ':' allowed"],
    ['relative destination', 'a:b', "volume mount destination doesn't appear to be an absolute path: 'b' in 'a:b'"],
    ['nothing', '', "invalid volume mount '': no volume/path specified"],
  ])('%s is refused', (_, text, message) => refuses(() => parseVolume(text), 'VOLUME_INVALID', message));

  it('named volumes that begin with k3d- belong to the cluster', () => {
    expect(isClusterVolume(parseVolume('k3d-x:/x'))).toBe(true);
    expect(isClusterVolume(parseVolume('./k3d-x:/x'))).toBe(false);
    expect(isNamedVolume(parseVolume('data:/x'))).toBe(true);
  });
});

describe('environment, labels, ulimits, host aliases', () => {
  it('variables split at the first =', () => {
    expect(parseEnv('A=b=c')).toEqual({ name: 'A', value: 'b=c' });
    expect(parseEnv('A').value).toBeUndefined();
    expect(parseEnv('A=').value).toBe('');
    refuses(() => parseEnv('=x'), 'ENV_INVALID');
  });

  it('labels that clusters are found by cannot be set', () => {
    expect(parseLabel('a.b=c=d')).toEqual({ key: 'a.b', value: 'c=d' });
    expect(parseRuntimeLabel('k3dx=1')).toEqual({ key: 'k3dx', value: '1' });
    for (const text of ['app=x', 'app', 'k3d.role=agent', 'k3s.registry.port=1']) {
      refuses(
        () => parseRuntimeLabel(text),
        'LABEL_RESERVED',
        `runtime label "${text.split('=')[0]}" is reserved for internal usage`,
      );
    }
  });

  it('create/40-runtime-ulimit', () => {
    expect(parseUlimit('nofile=1024:2048')).toEqual({ name: 'nofile', soft: 1024, hard: 2048 });
    expect(formatUlimit(parseUlimit('memlock=-1'))).toBe('memlock=-1:-1');
  });

  it.each([
    [
      'fail/32-bad-ulimit',
      'bogus=1:2',
      'runtime ulimit "bogus" is not valid, allowed keys are: core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack',
    ],
    ['no limits', 'nofile', 'unknown runtime-ulimit format: nofile, use format "ulimit=soft:hard"'],
    ['no number', 'nofile=a:1', 'unknown runtime-ulimit format: soft a of nofile has to be int'],
    ['soft above hard', 'nofile=2:1', 'ulimit soft limit must be less than or equal to hard limit: nofile: 2 > 1'],
  ])('%s is refused', (_, text, message) => refuses(() => parseUlimit(text), 'ULIMIT_INVALID', message));

  it('host aliases', () => {
    expect(parseHostAlias('1.2.3.4:my.host.local,that.other.host')).toEqual({
      ip: '1.2.3.4',
      hostnames: ['my.host.local', 'that.other.host'],
    });
    expect(formatHostAlias(parseHostAlias('[fe80::1]:a'))).toBe('[fe80::1]:a');
  });

  it.each([
    ['fail/31-bad-host-alias', 'notanip:foo', "invalid IP 'notanip' in host-alias 'notanip:foo': unable to parse IP"],
    ['two colons', '1.2.3.4:a:b', "invalid format of host-alias 1.2.3.4:a:b (exactly one ':' allowed)"],
    [
      'a bad name',
      '1.2.3.4:a_b',
      "invalid hostname 'a_b' in host-alias '1.2.3.4:a_b': name a_b is not a valid hostname as per RFC 1123",
    ],
  ])('%s is refused', (_, text, message) => refuses(() => parseHostAlias(text), 'HOST_ALIAS_INVALID', message));
});

describe('subnets', () => {
  it('create/42-subnet', () => {
    const subnet = parseSubnet('172.28.0.0/16');
    expect(firstAddress(subnet)).toBe('172.28.0.1');
    expect(nextFreeAddress(subnet, ['172.28.0.2', '172.28.0.4'])).toBe('172.28.0.3');
  });

  it('fail/21-subnet-overlap', () => {
    expect(subnetsOverlap(parseSubnet('172.30.0.0/16'), parseSubnet('172.30.255.0/24'))).toBe(true);
    expect(subnetsOverlap(parseSubnet('172.30.0.0/16'), parseSubnet('172.31.0.0/16'))).toBe(false);
    expect(subnetsOverlap(parseSubnet('0.0.0.0/0'), parseSubnet('::/0'))).toBe(false);
  });

  it('fail/20-bad-subnet is refused', () => {
    refuses(() => parseSubnet('1.2.3'), 'SUBNET_INVALID', "invalid subnet '1.2.3': no '/'");
    refuses(() => parseSubnet('1.2.3/8'), 'SUBNET_INVALID', "invalid subnet '1.2.3/8': unable to parse IP");
    refuses(() => parseSubnet('1.2.3.4/33'), 'SUBNET_INVALID');
    refuses(() => nextFreeAddress(parseSubnet('10.0.0.0/30'), ['10.0.0.2']), 'SUBNET_FULL');
  });

  it('a range survives formatting and parsing, and holds its own addresses', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(fc.ipV4(), fc.nat(32)), fc.tuple(fc.ipV6(), fc.nat(128))), ([ip, prefix]) => {
        const subnet = parseSubnet(`${ip}/${prefix}`);
        expect(parseSubnet(formatSubnet(subnet))).toEqual(subnet);
        const first = parseSubnet(`${firstAddress(subnet)}/${subnet.family === 4 ? 32 : 128}`);
        expect(subnetsOverlap(subnet, first)).toBe(true);
        expect(subnetsOverlap(subnet, parseSubnet(`${ip}/${subnet.family === 4 ? 32 : 128}`))).toBe(true);
      }),
    );
  });
});

describe('memory', () => {
  it.each([
    ['create/45-memory servers', '1g', 1073741824],
    ['create/45-memory agents', '1.5g', 1610612736],
    ['plain bytes', '1024', 1024],
    ['KiB', '2KiB', 2048],
    ['a space', '5 MB', 5 * 1024 ** 2],
    ['b', '7b', 7],
  ])('%s', (_, text, bytes) => expect(parseMemory(text)).toBe(bytes));
  it.each(['', 'g', '1x', '1gg', '-1g', '1e3', '999999999p'])('%j is refused', text =>
    refuses(() => parseMemory(text), 'MEMORY_INVALID'),
  );
});

describe('durations', () => {
  it.each([
    ['1m30s', 90_000],
    ['90s', 90_000],
    ['1h2m', 3_720_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['-1s', -1000],
    ['0', 0],
    ['+5us', 0.005],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ['3', 'invalid argument "3" for "--timeout" flag: time: missing unit in duration "3"'],
    ['3x', 'invalid argument "3x" for "--timeout" flag: time: unknown unit "x" in duration "3x"'],
    ['abc', 'invalid argument "abc" for "--timeout" flag: time: invalid duration "abc"'],
    ['', 'invalid argument "" for "--timeout" flag: time: invalid duration ""'],
    ['9999999999h', 'invalid argument "9999999999h" for "--timeout" flag: time: invalid duration "9999999999h"'],
  ])('%j is refused as cobra does', (text, message) =>
    refuses(() => parseDuration(text, '--timeout'), 'DURATION_INVALID', message),
  );

  it.each([
    [90_000, '1m30s'],
    [7_200_000, '2h0m0s'],
    [1500, '1.5s'],
    [500, '500ms'],
    [0, '0s'],
    [-90_000, '-1m30s'],
  ])('%d ms is printed as Go does', (ms, text) => expect(formatGoDuration(ms)).toBe(text));

  it('whole milliseconds survive formatting and parsing', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), ms => {
        expect(parseDuration(formatGoDuration(ms))).toBeCloseTo(ms, 5);
      }),
    );
  });
});

describe('images', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['rancher/k3s:v1.21.2-k3s1', 'docker.io/rancher/k3s:v1.21.2-k3s1'],
    ['docker.io/library/registry:2', 'docker.io/library/registry:2'],
    ['index.docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['ghcr.io/k3d-io/k3d-proxy:5.9.0', 'ghcr.io/k3d-io/k3d-proxy:5.9.0'],
    ['localhost/x', 'localhost/x:latest'],
    [`my.registry:5000/a/b@sha256:${'a'.repeat(64)}`, `my.registry:5000/a/b@sha256:${'a'.repeat(64)}`],
  ])('%s in full', (text, full) => expect(normaliseImage(text)).toBe(full));
  it.each(['', 'UPPER', 'a:b:c', 'a b', 'x/', '+stable'])('%j is refused', text =>
    refuses(() => normaliseImage(text), 'IMAGE_INVALID'),
  );

  it('words name a channel', () => {
    expect(['latest', 'stable', '+v1.30', 'rancher/k3s:latest'].map(k3sChannel)).toEqual([
      'latest',
      'stable',
      'v1.30',
      undefined,
    ]);
  });

  it('the tag tells the k3s version', () => {
    expect(k3sVersionOf(DEFAULT_K3S_IMAGE)).toBe('v1.35.5-k3s1');
    expect(k3sVersionOf('sha256:abc')).toBe('sha256:abc');
    expect(k3sVersionOf('rancher/k3s:latest')).toBe('rancher/k3s:latest');
  });

  it('the environment can name another load balancer', () => {
    expect(loadBalancerImage({})).toBe('ghcr.io/k3d-io/k3d-proxy:5.9.0');
    expect(loadBalancerImage({ K3D_HELPER_IMAGE_TAG: '5.8.3' })).toBe('ghcr.io/k3d-io/k3d-proxy:5.8.3');
    expect(loadBalancerImage({ K3D_IMAGE_LOADBALANCER: 'a/b:c', K3D_HELPER_IMAGE_TAG: 'x' })).toBe('a/b:c');
  });
});

describe('load balancer overrides', () => {
  it('create/47-lb-config-override', () => {
    const values = { ports: { '6443.tcp': ['k3d-lbo-server-0'] }, settings: { workerConnections: 1024 } };
    const overrides = ['settings.workerconnections=2048', 'settings.defaultProxyTimeout=900'].map(parseLbOverride);
    expect(applyLbOverrides(values, overrides)).toEqual({
      ports: values.ports,
      settings: { workerConnections: 2048, defaultProxyTimeout: 900 },
    });
    expect(values.settings).toEqual({ workerConnections: 1024 });
  });
  it.each(['settings.nope=1', 'settings.workerConnections=many', 'settings.workerConnections', '__proto__.x=1'])(
    '%s is refused',
    text => refuses(() => parseLbOverride(text), 'LB_OVERRIDE_INVALID'),
  );
});

it('no grammar throws anything but our error, whatever the text', () => {
  const parsers: ((text: string) => unknown)[] = [
    parseApiPort,
    checkClusterName,
    parseDuration,
    parseEnv,
    parseHostAlias,
    normaliseImage,
    k3sVersionOf,
    parseLabel,
    parseRuntimeLabel,
    parseLbOverride,
    parseMemory,
    parseSubnet,
    parseUlimit,
    parseVolume,
    parseGpus,
    fileDestination,
  ];
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'0123456789.:-/=@,[]hmsgkab') }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...parsers), text, (parse, input) => {
      try {
        parse(input);
      } catch (error) {
        expect(isK3duiError(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
