import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPortSpec,
  type PortMapping,
  parsePortFlag,
  parsePortFlags,
  parsePortSpec,
} from '../../src/config/ports.ts';
import { isK3duiError } from '../../src/errors.ts';

const tcp = (containerPort: number, hostPort?: number, hostIP = ''): PortMapping => ({
  hostIP,
  hostPort,
  containerPort,
  protocol: 'tcp',
});

describe('port specs mean what they mean to Docker', () => {
  it.each<[string, PortMapping[]]>([
    ['80', [tcp(80)]],
    ['8080:80', [tcp(80, 8080)]],
    [':80', [tcp(80)]],
    ['0:80', [tcp(80)]],
    ['127.0.0.1:8080:80', [tcp(80, 8080, '127.0.0.1')]],
    ['127.0.0.1::80', [tcp(80, undefined, '127.0.0.1')]],
    ['[::1]:8080:80', [tcp(80, 8080, '::1')]],
    ['::1:8080:80', [tcp(80, 8080, '::1')]],
    ['53:53/UDP', [{ ...tcp(53, 53), protocol: 'udp' }]],
    ['9:9/sctp', [{ ...tcp(9, 9), protocol: 'sctp' }]],
    ['8000-8001:80-81', [tcp(80, 8000), tcp(81, 8001)]],
    ['80-81', [tcp(80), tcp(81)]],
    ['8000-8009:80', [{ ...tcp(80, 8000), hostPortEnd: 8009 }]],
    ['30000-30003:30000-30003', [30000, 30001, 30002, 30003].map(port => tcp(port, port))],
  ])('%s', (text, expected) => {
    expect(parsePortSpec(text)).toEqual(expected);
  });

  it.each([
    ['fail/05-bad-port-spec', 'notaport', "error parsing port spec 'notaport': invalid containerPort: notaport"],
    ['fail/07-bad-port-proto', '8080:80/xyz', "error parsing port spec '8080:80/xyz': invalid proto: xyz"],
    [
      'fail/08-bad-port-range-mismatch',
      '8080-8082:80-81',
      "error parsing port spec '8080-8082:80-81': invalid ranges specified for container and host Ports: 80-81 and 8080-8082",
    ],
    ['no container port', '8080:', "error parsing port spec '8080:': no port specified"],
    ['port too high', '65536:80', "error parsing port spec '65536:80': invalid hostPort: 65536"],
    ['range backwards', '81-80', "error parsing port spec '81-80': invalid containerPort: 81-80"],
    ['no address', 'a.b:1:2', "error parsing port spec 'a.b:1:2': invalid IP address: a.b"],
    [
      'no address in brackets',
      '[1.2.3.4]:1:2',
      "error parsing port spec '[1.2.3.4]:1:2': invalid IP address: [1.2.3.4]",
    ],
  ])('%s is refused in the words of k3d', (_, text, message) => {
    expect(() => parsePortSpec(text)).toThrow(expect.objectContaining({ code: 'PORT_SPEC_INVALID', message }));
  });

  const port = fc.integer({ min: 1, max: 65535 });
  it('a mapping survives formatting and parsing', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constant(''), fc.ipV4(), fc.ipV6()),
        fc.option(port, { nil: undefined }),
        fc.nat(5),
        port,
        fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
        (hostIP, hostPort, more, containerPort, protocol) => {
          const mapping: PortMapping = { hostIP, hostPort, containerPort, protocol };
          if (hostPort !== undefined && more > 0 && hostPort + more <= 65535) mapping.hostPortEnd = hostPort + more;
          expect(parsePortSpec(formatPortSpec(mapping))).toEqual([mapping]);
        },
      ),
    );
  });

  it('any text gives mappings or our error, never another', () => {
    const spec = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789:-/[].tcpudp@;\\') }));
    fc.assert(
      fc.property(spec, text => {
        for (const parse of [parsePortSpec, parsePortFlag]) {
          try {
            parse(text);
          } catch (error) {
            expect(isK3duiError(error)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('port flags', () => {
  it('name their node filters after the @', () => {
    expect(parsePortFlag('8080:80@loadbalancer')).toEqual({ port: '8080:80', nodeFilters: ['loadbalancer'] });
    expect(parsePortFlag('8080:80@server:0:direct;agent:*')).toEqual({
      port: '8080:80',
      nodeFilters: ['server:0:direct', 'agent:*'],
    });
    expect(parsePortFlag('8080:80')).toEqual({ port: '8080:80', nodeFilters: [] });
  });

  it('the same spec twice is refused', () => {
    expect(() => parsePortFlags(['80:80@server:0', '80:80@agent:0'])).toThrow(
      expect.objectContaining({ message: "Same Portmapping can not be used for multiple nodes: '80:80'" }),
    );
    expect(parsePortFlags(['80:80', '81:80'])).toHaveLength(2);
  });
});
