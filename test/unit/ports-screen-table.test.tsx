import { describe, expect, test } from 'vitest';
import { K3duiError } from '../../src/errors.ts';
import { aNode } from './app-fakes.ts';
import { portCluster, readingOf, showPorts } from './ports-fakes.tsx';

const udp = { hostIP: '0.0.0.0', hostPort: 5353, containerPort: 53, protocol: 'udp' };
const web = { hostIP: '0.0.0.0', hostPort: 8081, containerPort: 80, protocol: 'tcp' };
const tls = { hostIP: '127.0.0.1', hostPort: 8443, containerPort: 443, protocol: 'tcp' };

describe('the ports of a cluster', () => {
  test('show every path with its nodes, its way and what a test found, in words', async () => {
    const { until, frame, ports } = await showPorts([portCluster('demo', [web, tls, udp])], 'demo', fake => {
      fake.states.set(8443, 'refused behind');
    });
    await until(/0\.0\.0\.0:8081 +80\/tcp +● server-0 agent-0 .* proxy +● open/);
    await until(/127\.0\.0\.1:8443 .* proxy +◐ refused behind +nothing/);
    expect(frame()).toMatch(/0\.0\.0\.0:6550 +6443\/tcp +● server-0 +API +● open +Kubernetes API/);
    expect(frame()).toMatch(/0\.0\.0\.0:5353 +53\/udp .* – untestable +UDP does/);
    // UDP is tested by nobody, the others once each.
    expect(ports.tested.toSorted()).toEqual([6550, 8081, 8443]);
  });

  test('say which nodes behind a port are down', async () => {
    const cluster = portCluster();
    const agents = [aNode('k3d-demo-agent-0', { running: false, state: 'exited' }), cluster.agents[1]!];
    const { until } = await showPorts([{ ...cluster, agents }], 'demo');
    await until(/8081 .*● server-0 agent-1 {2}○ agent-0/);
  });

  test('say what speaks otherwise in nginx.conf, and show values.yaml with y', async () => {
    const differences = ['80/tcp does not lead to k3d-demo-agent-1'];
    const { until, press, frame } = await showPorts([portCluster()], 'demo', fake => {
      fake.reading = cluster => readingOf(cluster, { agrees: false, differences });
    });
    await until('differs from values.yaml in 1 point');
    expect(frame()).toContain('! 80/tcp does not lead to k3d-demo-agent-1');
    expect(frame()).toContain('nginx.conf of k3d-demo-serverlb');
    await press('y');
    await until('values.yaml of k3d-demo-serverlb');
    expect(frame()).toMatch(/- k3d-demo-agent-1/);
    await press('y');
    await until('nginx.conf of k3d-demo-serverlb');
  });

  test('explain the selected mapping: both halves of the test, and every spelling of its node filters', async () => {
    const { until, press, frame } = await showPorts([portCluster()], 'demo');
    await until(/8081 .*● open/);
    await press('j');
    await until('load balancer 80/tcp → server-0, agent-0, agent-1 80/tcp');
    expect(frame()).toMatch(/from this machine ● open 3 ms +server-0 ● open 12 ms/);
    expect(frame()).toMatch(/@loadbalancer {2}is the same as {2}no filter {3}servers:\*:proxy;agents:\*:proxy/);
  });

  test('are listed in full when the load balancer is stopped, and not tested', async () => {
    const whole = portCluster('demo', [web, tls]);
    const reading = readingOf(whole);
    const down = { running: false, state: 'exited' as const };
    const stopped = {
      ...whole,
      status: 'stopped' as const,
      serversRunning: 0,
      servers: whole.servers.map(node => ({ ...node, ...down })),
      agents: whole.agents.map(node => ({ ...node, ...down })),
      loadBalancer: { ...whole.loadBalancer!, ...down, ports: [] },
    };
    const { until, ports } = await showPorts([stopped], 'demo', fake => {
      fake.reading = () => reading;
    });
    await until(/127\.0\.0\.1:8443 +443\/tcp +○ server-0 agent-0 .* ○ stopped/);
    expect(ports.tested).toEqual([]);
  });

  test('of a cluster without a load balancer say honestly that none can be added', async () => {
    const server = aNode('k3d-demo-server-0', { ports: [{ ...web, hostPort: 6550, containerPort: 6443 }] });
    const cluster = portCluster('demo', [], { loadBalancer: undefined, servers: [server], agents: [] });
    const { until, press } = await showPorts([cluster], 'demo');
    await until('demo has no load balancer');
    await until('made without a load balancer (--no-lb)');
    await press('a');
    await until('Esc back');
    await press('Esc');
  });

  test('say why the load balancer cannot be read', async () => {
    const { until } = await showPorts([portCluster()], 'demo', fake => {
      fake.reading = () =>
        new K3duiError({
          code: 'LB_VALUES_INVALID',
          message: "values.yaml cannot be read: it's no YAML",
          hint: 'look',
        });
    });
    await until("✗ values.yaml cannot be read: it's no YAML");
    await until(/8081 .*● open/);
  });

  test('stay while the engine is lost, and nothing is asked', async () => {
    const { until, engine, ports, press } = await showPorts([portCluster()], 'demo');
    await until(/8081 .*● open/);
    const before = ports.tested.length;
    engine.show({ link: 'lost', linkError: 'gone' });
    await until('engine lost');
    await until(/8081 .*● open/);
    await press('t');
    await until('the engine cannot be reached');
    expect(ports.tested).toHaveLength(before);
  });

  test('of all clusters stand in one table', async () => {
    const { until, press, frame } = await showPorts([portCluster('one'), portCluster('two', [tls])]);
    await until(/one +0\.0\.0\.0:8081/);
    await until(/two +127\.0\.0\.1:8443/);
    expect(frame()).toContain('CLUSTER');
    await press('G');
    await until('nginx.conf of k3d-two-serverlb');
  });
});

describe('keys of the ports screen', () => {
  test('that cannot do anything say why', async () => {
    const direct = aNode('k3d-demo-agent-0', { ports: [{ ...web, hostPort: 4321, containerPort: 4321 }] });
    const cluster = portCluster('demo', [web]);
    const { until, press, app } = await showPorts([{ ...cluster, agents: [direct] }], 'demo');
    await until(/8081 .*● open/);
    await press('e');
    await until('it is the Kubernetes API');
    await press('Ctrl-D');
    expect(app.state.status?.text).toContain('it is the Kubernetes API');
    await press('j', 'e');
    await until('the node itself publishes it');
  });

  test('copy the URL, open it, and offer every spelling of the flag', async () => {
    const { until, press, copied, opened } = await showPorts([portCluster()], 'demo');
    await until(/8081 .*● open/);
    await press('j', 'c', 'o');
    await until('opened http://127.0.0.1:8081/');
    expect(copied).toEqual(['http://127.0.0.1:8081/']);
    expect(opened).toEqual(['http://127.0.0.1:8081/']);
    await press('Shift-C');
    await until("--port '8081:80@servers:*:proxy;agents:*:proxy'");
    await press('f');
    await until('copied for the test');
    expect(copied[1]).toBe('--port 8081:80@loadbalancer');
  });

  test('p leads here from the list of clusters, and Enter to both files in full', async () => {
    const { until, press, frame } = await showPorts([portCluster()], 'demo');
    await press('Esc');
    await until('╭ Clusters');
    await press('p');
    await until('╭ Ports of demo');
    await press('Enter');
    await until('Load balancer of demo · both files say the same');
    expect(frame()).toContain('/etc/nginx/nginx.conf');
    await press('G');
    await until('workerConnections');
  });
});
