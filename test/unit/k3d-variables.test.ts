import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VARIABLES } from '../../src/cli/cluster-flags.ts';
import { debugVariables } from '../../src/engine/debug-variables.ts';
import { entrypointFixes } from '../../src/engine/node/entrypoint.ts';
import { watchForDeath } from '../../src/engine/ready/alive.ts';
import { VARIABLES_NOT_READ } from '../differences-from-k3d.ts';

/** All that k3d 5.9 reads by name; what viper makes of its flags' names is below. */
const READ_BY_K3D = [
  'LOG_LEVEL',
  'LOG_COLORS',
  'LOG_TIMESTAMPS',
  'K3D_LOG_NODE_WAIT_LOGS',
  'K3D_IMAGE_LOADBALANCER',
  'K3D_IMAGE_TOOLS',
  'K3D_HELPER_IMAGE_TAG',
  'K3D_DEBUG_COREDNS_RETRIES',
  'K3D_DEBUG_DISABLE_DOCKER_INIT',
  'K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT',
  'K3D_FIX_CGROUPV2',
  'K3D_FIX_DNS',
  'K3D_FIX_MOUNTS',
  'DOCKER_HOST',
  'DOCKER_SOCK',
  'DOCKER_MACHINE_NAME',
  'WSL_DISTRO_NAME',
  'XDG_CONFIG_HOME',
  'KUBECONFIG',
  'K3D_CONFIG',
];

/** Keys of k3d's flags in viper (cmd/cluster/clusterCreate.go), whose variables are K3D_ and the key. */
const KEYS = [
  ...['servers', 'agents', 'image', 'network', 'subnet', 'token', 'hostaliases', 'registries.use', 'registries.config'],
  ...['wait', 'timeout', 'disableloadbalancer', 'disablerollback', 'disableimagevolume'].map(
    key => `options.k3d.${key}`,
  ),
  'options.k3d.loadbalancer.configoverrides',
  ...['updatedefaultkubeconfig', 'switchcurrentcontext'].map(key => `options.kubeconfig.${key}`),
  ...['gpurequest', 'serversmemory', 'agentsmemory', 'hostpidmode'].map(key => `options.runtime.${key}`),
  ...['api-port', 'env', 'volumes', 'ports', 'k3sargs', 'k3s-node-labels', 'runtime-labels', 'runtime-ulimits'].map(
    key => `cli.${key}`,
  ),
  ...['cli.registries.create', 'cli.registries.create.enforceportmatch'],
];

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.startsWith('demo'))
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

describe('every variable that k3d reads', () => {
  const source = sources('src');
  const listed = VARIABLES_NOT_READ.map(({ name }) => name);

  test.each(READ_BY_K3D)('%s is honoured, or listed with the reason why not', name => {
    const read = new RegExp(`env\\.${name}\\b|told\\('${name}'\\)`).test(source);
    expect(read).toBe(!listed.includes(name));
  });

  test('those of flags are all there, and no others', () => {
    const names = KEYS.map(key => `K3D_${key.replaceAll('.', '_').toUpperCase()}`);
    expect(VARIABLES.map(([name]) => name).sort()).toEqual(names.sort());
  });
});

describe("variables of k3d's own developers", () => {
  test('K3D_FIX_… is on only for what Go takes for true, and empty means off', () => {
    const engine = { CgroupVersion: '1', Name: 'box' };
    const fixes = (value: string) => entrypointFixes({ env: { K3D_FIX_DNS: value }, engine }, false).dns;
    expect(['1', 'true', 'T', '', 'yes', '0'].map(fixes)).toEqual([true, true, true, false, false, false]);
    expect(entrypointFixes({ env: {}, engine }, false).dns).toBe(true);
  });

  test('without them all is as usual', () => {
    expect(debugVariables({})).toEqual({ init: true, restarts: undefined, heard: '' });
    expect(debugVariables({ K3D_DEBUG_DISABLE_DOCKER_INIT: 'yes', K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT: 'x' })).toEqual(
      debugVariables({}),
    );
  });

  test('K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT says how often a node may end', async () => {
    const { restarts } = debugVariables({ K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT: '1' });
    let looks = 0;
    const docker = {
      inspectContainer: async () => ({ State: { Status: 'running' }, RestartCount: looks++ }),
      async *logs() {},
    } as unknown as Parameters<typeof watchForDeath>[0];
    const died = watchForDeath(docker, 'k3d-demo-server-0', AbortSignal.timeout(10_000), restarts);
    await expect(died).rejects.toMatchObject({ code: 'NODE_DIED' });
    expect(looks).toBe(2);
  });
});
