import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/engine/model.ts';
import { K3duiError } from '../../src/errors.ts';
import { type FakePorts, portCluster, showPorts } from './ports-fakes.tsx';

const tls = { hostIP: '0.0.0.0', hostPort: 8443, containerPort: 443, protocol: 'tcp' };
const web = { hostIP: '0.0.0.0', hostPort: 8081, containerPort: 80, protocol: 'tcp' };

async function opened(prepare?: (ports: FakePorts) => void, clusters: Cluster[] = [portCluster('demo', [web, tls])]) {
  const shown = await showPorts(clusters, 'demo', prepare);
  await shown.until(/8081 .*● open/);
  return shown;
}

describe('adding a port', () => {
  test('from what the cluster offers to the plan in four Enter, and then it is done and proven', async () => {
    const { press, until, frame, ports } = await opened();
    await press('a');
    await until(/▸ 80\/tcp +traefik in kube-system, the Ingress controller, already at 8081/);
    expect(frame()).toContain('3 Services are reached through an Ingress only');
    await press('Enter');
    await until('✓ 8080:80 is free');
    await press('Enter');
    await until(/▸ all servers and agents +loadbalancer {2}3 nodes/);
    await press('Enter');
    await until('▸ Apply ◂');
    expect(frame()).toContain('+ 8080:80');
    expect(frame()).toMatch(/All 3 ports of this load balancer.*are +.*interrupted once/s);
    expect(frame()).toContain('$ k3dui cluster edit demo --port-add 8080:80@loadbalancer');
    ports.after = [portCluster('demo', [web, tls, { ...web, hostPort: 8080 }])];
    await press('Enter');
    await until('8080 answers, through 3 of 3 nodes');
    expect(ports.plans).toHaveLength(1);
  });

  test('calls no port free where none is typed: Docker picks one', async () => {
    const { press, until, frame } = await opened();
    await press('a', 'Enter');
    await until('✓ 8080:80 is free');
    await press('Ctrl-U');
    await until('Docker picks a free host port, another one after each change');
    expect(frame()).not.toContain('is free');
  });

  test('names the owner of a taken port while it is typed, and does not go on; Ctrl-O proposes a free one', async () => {
    const { press, type, until, frame } = await opened(fake => {
      fake.taken.set(9090, 'container k3d-shop-serverlb (cluster shop)');
      fake.wanted.set(9091, ['k3d-old-serverlb (cluster old)']);
    });
    await press('a', 'Enter');
    await until('is free');
    await type('9090');
    await until('9090/tcp is taken by container k3d-shop-serverlb (cluster shop)');
    await press('Enter');
    expect(frame()).toContain('Where on this machine');
    await press('Ctrl-O');
    await until('✓ 9092:80 is free');
    await press('Ctrl-U');
    await type('9091');
    await until('also wanted by k3d-old-serverlb (cluster old), stopped now');
    await press('Ctrl-U');
    await type('8443');
    await until('8443/tcp already leads to 443 through this load balancer');
  });

  test('takes a port that nobody suggested, a range, a protocol, or a whole mapping', async () => {
    const { press, type, until, paste, frame } = await opened();
    await press('a');
    await until('another port');
    await type('30000-30100');
    await press('Enter');
    await until('! 101 ports: Docker runs a process for each');
    await until('✓ 30000-30100:30000-30100 is free');
    await press('Esc');
    await until('What shall be reachable');
    expect(frame()).toContain('30000-30100');
    await press('Ctrl-U');
    await paste('127.0.0.1:5353:53/udp@agent:1');
    await press('Enter');
    await until('✓ 127.0.0.1:5353:53/udp is free');
    await press('Enter');
    await until(/▸ agent-1 +agent:1:proxy/);
  });

  test('says what is wrong with what was typed, and stays', async () => {
    const { press, type, until } = await opened();
    await press('a');
    await until('another port');
    await type('80x');
    await press('Enter');
    await until('✗ invalid containerPort: 80x');
    await press('Ctrl-U');
    await type('81@agent:0:direct');
    await press('Enter');
    await until("':direct' only works when the cluster is created");
  });

  test('goes a step back with Esc and loses nothing that was typed', async () => {
    const { press, type, until, frame } = await opened();
    await press('a', 'Enter');
    await until('is free');
    await press('Ctrl-U');
    await type('18080');
    await press('Down');
    await type('127.0.0.1');
    await until('✓ 127.0.0.1:18080:80 is free');
    await press('Enter');
    await until('Which nodes');
    await press('j', 'j', 'Enter');
    await until('▸ Apply ◂');
    expect(frame()).toContain("'127.0.0.1:18080:80@servers:*:proxy'");
    await press('Esc');
    await until(/▸ server-0 +servers:\*:proxy/);
    await press('Esc');
    await until(/Address +127\.0\.0\.1/);
    expect(frame()).toMatch(/Host port +18080/);
    await press('Esc');
    await until('What shall be reachable');
    await press('Esc');
    await until('Esc again leaves; what was typed is lost.');
    await press('Enter');
    await until(/Host port +18080/);
    await press('Esc', 'Esc', 'Esc');
    await until(/▸ 0\.0\.0\.0:6550/);
    expect(frame()).not.toContain('Add a port');
  });

  test('of a node past the load balancer is explained, and the way through it offered', async () => {
    const { press, until, frame } = await opened();
    await press('a', 'Enter');
    await until('is free');
    await press('Enter');
    await until('Which nodes');
    await press('Shift-G');
    await until('Docker publishes the ports of a container only when it makes it');
    expect(frame()).toContain('through the load balancer the same port of it is reached');
    await press('Enter');
    await until('that can only be had when a cluster is created');
    await press('k', 'Enter');
    await until('--port-add 8080:80@agent:1:proxy');
  });

  test('offers the usual ports where the cluster does not say what it has', async () => {
    const { press, until } = await opened(fake => {
      fake.found = new K3duiError({ code: 'KUBERNETES_UNREACHABLE', message: 'the API does not answer' });
    });
    await press('a');
    await until('the API does not answer');
    await until(/▸ 80\/tcp +HTTP, where an Ingress controller listens, already at 8081/);
  });

  test('over all clusters asks first which one, beginning with the selected row', async () => {
    const { press, until } = await showPorts([portCluster('one'), portCluster('two', [tls])]);
    await until(/two +0\.0\.0\.0:8443 .*● open/);
    await press('G', 'a');
    await until(/▸ two +running {2}1 server, 2 agents {2}1 port/);
    await press('Enter');
    await until('Add a port to two');
    await press('Esc');
    await until('Which cluster?');
    await press('Esc');
    await until(/▸ two/);
  });

  test('looks again before it applies: what somebody else did meanwhile is not undone', async () => {
    const { press, until, ports, engine } = await opened();
    await press('a', 'Enter');
    await until('is free');
    await press('Enter');
    await until('Which nodes');
    await press('Enter');
    await until('▸ Apply ◂');
    const others = { ...web, hostPort: 7777 };
    engine.show({ clusters: [portCluster('demo', [web, tls, others])] });
    await press('Enter');
    await until('the load balancer was changed meanwhile');
    await until('All 4 ports of this load balancer');
    expect(ports.plans).toEqual([]);
    await press('Enter');
    await until('change ports of cluster demo');
    expect(ports.plans).toHaveLength(1);
  });

  test('says why there is no plan, and the way back is open', async () => {
    const { press, until } = await opened(fake => {
      fake.plan = async () => {
        throw new K3duiError({ code: 'PORT_TAKEN', message: 'host port 8080/tcp was taken just now', hint: 'choose' });
      };
    });
    await press('a', 'Enter');
    await until('is free');
    await press('Enter');
    await until('Which nodes');
    await press('Enter');
    await until('✗ host port 8080/tcp was taken just now; choose');
    await press('Esc');
    await until('Where on this machine');
  });
});

describe('changing and removing ports', () => {
  test('changes the nodes behind a port without any interruption', async () => {
    const { press, until, frame } = await opened();
    await press('j', 'e');
    await until('✓ as it is today');
    await press('Enter');
    await until('Which nodes');
    await press('j', 'Enter');
    await until('Nothing is interrupted: no host port changes');
    expect(frame()).toMatch(/- +server k3d-demo-server-0:80/);
    expect(frame()).not.toMatch(/\+ 8081:80/);
  });

  test('changes the nodes of two host ports together where both lead to one listener', async () => {
    const second = { ...web, hostPort: 8082 };
    const { press, until, frame } = await opened(undefined, [portCluster('demo', [web, second])]);
    await press('j', 'e');
    await until('✓ as it is today');
    await press('Enter');
    await until('8082 leads to 80 too: they change together.');
    await press('j', 'Enter');
    await until('Nothing is interrupted');
    expect(frame()).toMatch(/- +server k3d-demo-server-0:80/);
  });

  test('says when nothing would change, and does nothing', async () => {
    const { press, until, ports } = await opened();
    await press('j', 'e');
    await until('✓ as it is today');
    await press('Enter');
    await until('Which nodes');
    await press('Enter');
    await until('It is so already');
    await press('Enter');
    expect(ports.plans).toEqual([]);
  });

  test('removes all marked ones in one go, after asking with the focus on Cancel', async () => {
    const { press, until, frame, ports } = await opened();
    await press('j', 'Space', 'Space', 'Ctrl-D');
    await until('▸ Cancel ◂');
    expect(frame()).toContain('- 8081:80');
    expect(frame()).toContain('- 8443:443');
    await press('Enter');
    expect(ports.plans).toEqual([]);
    await press('Ctrl-D');
    await until('▸ Cancel ◂');
    ports.after = [portCluster('demo', [])];
    ports.states.set(8081, 'shut');
    await press('Tab', 'Enter');
    await until('8081:80, 8443:443 removed');
    await until('8081 is closed');
    expect(ports.plans[0]?.command).toBe('k3dui cluster edit demo --port-delete 8081:80 --port-delete 8443:443');
  });

  test('collects several changes into one set: one more added, another removed', async () => {
    const { press, type, until, ports } = await opened();
    await press('a', 'Enter');
    await until('is free');
    await press('Enter');
    await until('Which nodes');
    await press('Enter');
    await until('▸ Apply ◂');
    await press('a');
    await until('(+1 in this set)');
    await type('3000');
    await press('Enter');
    await until('✓ 3000:3000 is free');
    await press('Enter');
    await until('Which nodes');
    await press('Enter');
    await until('▸ Apply ◂');
    await press('x');
    await until('Which of today’s mappings');
    await press('j', 'Space', 'Enter');
    await until('▸ Apply ◂');
    await press('Enter');
    await until('change ports of cluster demo');
    expect(ports.plans[0]?.command).toBe(
      'k3dui cluster edit demo --port-delete 8443:443 --port-add 8080:80@loadbalancer --port-add 3000:3000@loadbalancer',
    );
  });
});
