import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConflicts } from '../../components/dialogs/ports/conflicts.ts';
import {
  type Draft,
  draftOf,
  EMPTY_DRAFT,
  proposePort,
  readDraft,
  specOf,
  withTarget,
} from '../../components/dialogs/ports/draft.ts';
import { choiceFor, nodeChoices, nodesOf, spellings } from '../../components/dialogs/ports/node-choices.ts';
import { interruptionTime } from '../../components/dialogs/ports/preview-lines.ts';
import { fieldOf } from '../../components/widgets/field-state.ts';
import { parsePortSpec } from '../../src/config/ports.ts';
import { portCluster } from './ports-fakes.tsx';

const draft = (target: string, hostPort = '', change: Partial<Draft> = {}): Draft => ({
  ...EMPTY_DRAFT,
  target: fieldOf(target),
  hostPort: fieldOf(hostPort),
  ...change,
});

describe('a mapping that is being made', () => {
  test.each([
    ['80', '80'],
    ['53/udp', '53/udp'],
    ['8000-8010', '8000-8010'],
    ['8080:80', '8080:80'],
    ['127.0.0.1:8080:80/tcp', '127.0.0.1:8080:80'],
    ['[::1]:8080:80', '[::1]:8080:80'],
    ['9000-9002:80-82/udp', '9000-9002:80-82/udp'],
  ])('typed as %s is %s', (typed, spec) => {
    expect(specOf(withTarget(EMPTY_DRAFT, typed) as Draft)).toBe(spec);
  });

  test('takes the node filters of a whole mapping', () => {
    expect(withTarget(EMPTY_DRAFT, '8080:80@agent:0;server:0')).toMatchObject({ filters: 'agent:0;server:0' });
  });

  test.each([
    ['', /type a port/],
    ['http', /invalid containerPort: http/],
    ['70000', /invalid containerPort/],
    ['80/icmp', /invalid proto: icmp/],
    ['8080:80@agent:0:direct', /only works when the cluster is created.*8080:80@agent:0:proxy/],
  ])('%s cannot be, and the reason is said without repeating what was typed', (typed, why) => {
    expect(withTarget(EMPTY_DRAFT, typed)).toMatch(why);
  });

  test('means what the command line would make of it, whatever the ports', () => {
    const port = fc.integer({ min: 1, max: 65535 });
    fc.assert(
      fc.property(
        port,
        port,
        fc.constantFrom('', '127.0.0.1', '::1'),
        fc.constantFrom('tcp', 'udp', 'sctp'),
        (...all) => {
          const [container, host, address, protocol] = all;
          const made = draft(`${container}`, `${host}`, { address: fieldOf(address), protocol: protocol as 'tcp' });
          const expected = { hostIP: address, hostPort: host, containerPort: container, protocol };
          expect(readDraft(made).mappings).toEqual([expected]);
          expect(parsePortSpec(specOf(made))).toEqual([expected]);
          const row = { id: '', cluster: '', upstreams: [], kind: 'proxy' as const, filters: '' };
          const again = draftOf({ ...row, hostIP: address, hostPort: host, listenerPort: container, protocol });
          expect(specOf(again)).toBe(specOf(made));
        },
      ),
    );
  });

  test('counts a range, and warns of more than 100 ports', () => {
    expect(readDraft(draft('8000-8010', '8000-8010')).notes).toContain('11 ports');
    expect(readDraft(draft('8000-8099', '8000-8099')).warnings).toEqual([]);
    expect(readDraft(draft('8000-8100', '8000-8100')).warnings[0]).toMatch(
      /^101 ports: Docker runs a process for each/,
    );
    expect(readDraft(draft('8000-8010', '8000')).error).toMatch(/invalid ranges/);
    expect(readDraft(draft('80')).notes[0]).toMatch(/Docker picks a free host port/);
  });
});

describe('a host port', () => {
  test('is proposed where people would look, and free as a whole range', () => {
    expect(proposePort(80, 1, () => true)).toBe(8080);
    expect(proposePort(443, 1, () => true)).toBe(8443);
    expect(proposePort(81, 1, () => true)).toBe(8081);
    expect(proposePort(3000, 1, () => true)).toBe(3000);
    expect(proposePort(80, 1, port => port !== 8080)).toBe(8081);
    expect(proposePort(3000, 3, port => port !== 3002)).toBe(3003);
    expect(proposePort(80, 1, () => true, 8080)).toBe(8081);
    expect(proposePort(65535, 2, () => true)).toBeUndefined();
    expect(proposePort(80, 1, () => false)).toBeUndefined();
  });

  test('that somebody has is told with its owner; stopped owners only warn', () => {
    const owners = {
      owner: ({ port }: { port: number }) => (port === 8081 ? 'nginx (812)' : undefined),
      stopped: ({ port }: { port: number }) => (port === 8082 ? ['k3d-old-serverlb (cluster old)'] : []),
    };
    expect(findConflicts(readDraft(draft('80', '8081')), [], owners).errors).toEqual([
      '8081/tcp is taken by nginx (812)',
    ]);
    expect(findConflicts(readDraft(draft('80', '8082')), [], owners)).toEqual({
      errors: [],
      warnings: [
        '8082/tcp is also wanted by k3d-old-serverlb (cluster old), stopped now: they cannot run at the same time',
      ],
    });
  });

  test('that this load balancer has is said to lead somewhere already, unless the addresses differ', () => {
    const own = [{ hostIP: '127.0.0.1', hostPort: 8081, containerPort: 443, protocol: 'tcp' }];
    const errors = (change: Partial<Draft>) =>
      findConflicts(readDraft(draft('80', '8081', change)), own, undefined).errors;
    expect(errors({})).toEqual(['8081/tcp already leads to 443 through this load balancer']);
    expect(errors({ protocol: 'udp' })).toEqual([]);
    expect(errors({ address: fieldOf('127.0.0.2') })).toEqual([]);
  });
});

describe('an interruption', () => {
  test.each([
    [1, 'about 0.3 s'],
    [5, 'about 0.5 s'],
    [65, 'about 7 s'],
  ])('for %i ports is said to take %s', (ports, text) => {
    expect(interruptionTime(ports)).toBe(text);
  });
});

describe('the nodes of a mapping', () => {
  test('are offered as all, by role and each, with the filter each choice stands for', () => {
    expect(nodeChoices(portCluster()).map(({ label, filters }) => [label, filters])).toEqual([
      ['all servers and agents', 'loadbalancer'],
      ['all agents', 'agents:*:proxy'],
      ['server-0', 'servers:*:proxy'],
      ['agent-0', 'agent:0:proxy'],
      ['agent-1', 'agent:1:proxy'],
      ['a node itself, past the load balancer', ''],
    ]);
    expect(nodeChoices({ ...portCluster(), agents: [] }).map(({ label }) => label)).toEqual([
      'the only node, server-0',
      'a node itself, past the load balancer',
    ]);
  });

  test('say why a node itself is not to be had any more', () => {
    expect(nodeChoices(portCluster()).at(-1)?.why).toMatch(
      /only when it makes it\. A node made again would lose its pods/,
    );
  });

  test('of another spelling are found again', () => {
    const cluster = portCluster();
    const choices = nodeChoices(cluster);
    expect(choiceFor(cluster, choices, 'servers:*:proxy;agents:*:proxy')).toBe(0);
    expect(choiceFor(cluster, choices, 'agent:0,1')).toBe(1);
    expect(choiceFor(cluster, choices, 'agent:1')).toBe(4);
    expect(choiceFor(cluster, choices, 'agent:7')).toBe(-1);
    expect(nodesOf(cluster, 'agents:*')).toEqual(['k3d-demo-agent-0', 'k3d-demo-agent-1']);
    expect(spellings(cluster, 'loadbalancer')).toContain('no filter');
  });
});
