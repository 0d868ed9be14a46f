import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDemo } from '../../src/demo/demo.ts';
import { call, demoWithClient, getSecure } from './demo-kit.ts';

interface Row {
  Names: string[];
  State: string;
  Labels: Record<string, string>;
}

describe('what the demo begins with', () => {
  it('is a shop, a playground, a stopped one, a broken one and an old one', async () => {
    const { docker, socketPath } = await demoWithClient({ seed: true, pulse: false });
    const rows = (await call(socketPath, 'GET', '/containers/json?all=1')).json() as unknown as Row[];
    const states = (cluster: string, role: string) =>
      rows
        .filter(({ Labels }) => Labels['k3d.cluster'] === cluster && Labels['k3d.role'] === role)
        .map(({ State }) => State);
    expect(states('shop', 'server')).toEqual(['running', 'running', 'running']);
    expect(states('shop', 'agent')).toEqual(['running', 'running']);
    expect(states('shop', 'registry')).toEqual(['running']);
    expect(states('dev', 'server')).toEqual(['running']);
    expect(new Set([...states('ci-1042', 'server'), ...states('ci-1042', 'loadbalancer')])).toEqual(
      new Set(['exited']),
    );
    expect(rows.find(({ Names }) => Names[0] === '/k3d-legacy-server-0')?.Labels['k3d.version']).toBe('v5.8.3');
    const broken = await docker.getContainer('k3d-broken-server-0').inspect();
    expect(broken.HostConfig.RestartPolicy?.Name).toBe('unless-stopped');
    const api = (await docker.getContainer('k3d-shop-serverlb').inspect()).NetworkSettings.Ports['6443/tcp']![0]!
      .HostPort;
    const pods = JSON.parse((await getSecure(`https://127.0.0.1:${api}/api/v1/namespaces/shop/pods`)).body)
      .items as object[];
    expect(pods).toHaveLength(6);
  });

  it('can be hundreds of clusters without a single listening port, until one is asked for', async () => {
    const { demo, docker } = await demoWithClient({ clusters: 200 });
    expect(demo.world.containers.size).toBe(600);
    expect(demo.world.hostPorts.listening).toBe(0);
    const port = (await docker.getContainer('k3d-load-0003-serverlb').inspect()).NetworkSettings.Ports['6443/tcp']![0]!
      .HostPort;
    await demo.listenTo('k3d-load-0003-serverlb');
    expect((await getSecure(`https://127.0.0.1:${port}/readyz`)).body).toBe('ok');
  });

  it('keeps its socket in a folder of its own that nobody else may enter, and removes it', async () => {
    const demo = await startDemo({ tempo: 0 });
    const folder = dirname(demo.host.replace('unix://', ''));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await demo.close();
    expect(existsSync(folder)).toBe(false);
  });

  it('can listen on a TCP port of loopback instead', async () => {
    const { demo } = await demoWithClient({ transport: 'tcp' });
    expect(demo.host).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${demo.host.replace('tcp', 'http')}/_ping`)).text()).toBe('OK');
  });
});
