import { describe, expect, it } from 'vitest';
import type { NodeRef } from '../../src/config/node-filters.ts';
import { expandPortFilters, placePorts } from '../../src/config/place-ports.ts';
import { formatPortSpec, parsePortFlags } from '../../src/config/ports.ts';

function nodes(cluster: string, servers: number, agents: number, loadBalancer = true): NodeRef[] {
  const some = (role: 'server' | 'agent', count: number): NodeRef[] =>
    Array.from({ length: count }, (_, index) => ({ name: `k3d-${cluster}-${role}-${index}`, role, index }));
  const lb: NodeRef[] = loadBalancer ? [{ name: `k3d-${cluster}-serverlb`, role: 'loadbalancer', index: 0 }] : [];
  return [...lb, ...some('server', servers), ...some('agent', agents)];
}

const place = (flags: string[], all: NodeRef[]) => {
  const placed = placePorts(parsePortFlags(flags), all);
  return {
    bindings: Object.fromEntries([...placed.bindings].map(([name, ports]) => [name, ports.map(formatPortSpec)])),
    upstreams: Object.fromEntries(placed.upstreams),
  };
};

// What the cases of create/ left in HostConfig.PortBindings and /etc/confd/values.yaml.
describe('ports go where k3d puts them', () => {
  it.each([
    [
      'create/08-port-loadbalancer',
      'p1',
      1,
      1,
      ['8081:80@loadbalancer'],
      { 'k3d-p1-serverlb': ['8081:80'] },
      { '80.tcp': ['k3d-p1-server-0', 'k3d-p1-agent-0'] },
    ],
    [
      'create/09-port-nofilter',
      'p2',
      1,
      1,
      ['8082:80'],
      { 'k3d-p2-serverlb': ['8082:80'] },
      { '80.tcp': ['k3d-p2-server-0', 'k3d-p2-agent-0'] },
    ],
    ['create/10-port-server-direct', 'p3', 1, 1, ['8083:80@server:0:direct'], { 'k3d-p3-server-0': ['8083:80'] }, {}],
    ['create/11-port-agent-direct', 'p4', 1, 1, ['8084:80@agent:0:direct'], { 'k3d-p4-agent-0': ['8084:80'] }, {}],
    [
      'create/12-port-all-proxy',
      'p5',
      1,
      1,
      ['8085:80@servers:*:proxy;agents:*:proxy'],
      { 'k3d-p5-serverlb': ['8085:80'] },
      { '80.tcp': ['k3d-p5-server-0', 'k3d-p5-agent-0'] },
    ],
    [
      'create/13-port-udp',
      'p6',
      1,
      0,
      ['5353:53/udp@loadbalancer'],
      { 'k3d-p6-serverlb': ['5353:53/udp'] },
      { '53.udp': ['k3d-p6-server-0'] },
    ],
    [
      'create/15-port-range-server-direct',
      'p8',
      1,
      0,
      ['30000-30003:30000-30003@server:0:direct'],
      { 'k3d-p8-server-0': ['30000:30000', '30001:30001', '30002:30002', '30003:30003'] },
      {},
    ],
    [
      'create/16-port-hostip',
      'p9',
      1,
      0,
      ['127.0.0.1:8080:80@loadbalancer'],
      { 'k3d-p9-serverlb': ['127.0.0.1:8080:80'] },
      { '80.tcp': ['k3d-p9-server-0'] },
    ],
    [
      'create/18-port-multi',
      'p11',
      1,
      2,
      ['8086:80@loadbalancer', '8443:443@loadbalancer', '8087:81@agent:1:direct', '8088:82@server:0'],
      { 'k3d-p11-serverlb': ['8086:80', '8443:443', '8088:82'], 'k3d-p11-agent-1': ['8087:81'] },
      {
        '80.tcp': ['k3d-p11-server-0', 'k3d-p11-agent-0', 'k3d-p11-agent-1'],
        '443.tcp': ['k3d-p11-server-0', 'k3d-p11-agent-0', 'k3d-p11-agent-1'],
        '82.tcp': ['k3d-p11-server-0'],
      },
    ],
  ])('%s', (_, cluster, servers, agents, flags, bindings, upstreams) => {
    expect(place(flags, nodes(cluster, servers, agents))).toEqual({ bindings, upstreams });
  });

  it('two host ports to one container port name each node once', () => {
    const placed = place(['8080:80@server:0', '8081:80@loadbalancer'], nodes('x', 1, 1));
    expect(placed.upstreams).toEqual({ '80.tcp': ['k3d-x-server-0', 'k3d-x-agent-0'] });
  });

  it('servers come before agents whatever the order of the filters', () => {
    const placed = place(['8080:80@agent:*;server:*'], nodes('x', 2, 1));
    expect(placed.upstreams['80.tcp']).toEqual(['k3d-x-server-0', 'k3d-x-server-1', 'k3d-x-agent-0']);
  });

  it('a port without filter on a single node without load balancer goes straight to it', () => {
    expect(expandPortFilters([], 1)).toEqual(['servers:*:direct']);
    expect(place(['8080:80'], nodes('x', 1, 0, false)).bindings).toEqual({ 'k3d-x-server-0': ['8080:80'] });
  });

  it.each([
    [
      'fail/16-port-multi-direct',
      nodes('x', 1, 1),
      '8089:80@all:direct',
      'cannot apply a direct port-mapping (8089:80) to more than one node',
    ],
    [
      'proxy without load balancer',
      nodes('x', 1, 1, false),
      '8089:80@server:0',
      "port-mapping of type 'proxy' specified, but loadbalancer is disabled",
    ],
    [
      'a loop',
      nodes('x', 1, 1),
      '8089:80@all',
      'error modifying loadbalancer port config: cannot add a port config referencing the loadbalancer itself (loop)',
    ],
  ])('%s is refused', (_, all, flag, message) => {
    expect(() => place([flag], all)).toThrow(expect.objectContaining({ code: 'PORT_TARGET_INVALID', message }));
  });

  it('fail/55-edit-direct: an edit of the load balancer takes no direct port', () => {
    expect(() =>
      placePorts([{ port: '9999:99', nodeFilters: ['server:0:direct'] }], nodes('x', 1, 0), true, ['proxy']),
    ).toThrow("error filtering nodes: unallowed suffix 'direct' in nodefilter 'server:0:direct'");
  });
});
