import type { Call, Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { LB_SCRIPT_PATH } from './script.ts';

/**
 * Lets nginx look up its upstreams' names again and take up a changed configuration, without dropping connections.
 * Works on load balancers that k3d made too, which have no script of ours. Throws LB_RELOAD_FAILED.
 */
export async function reloadLoadBalancer(docker: Docker, container: string, call: Call): Promise<void> {
  const command = `if [ -x ${LB_SCRIPT_PATH} ]; then ${LB_SCRIPT_PATH} refresh force; else nginx -t && nginx -s reload; fi`;
  const { exitCode, stdout, stderr } = await docker.exec(container, ['/bin/sh', '-c', command], {}, call);
  if (exitCode !== 0) {
    throw new K3duiError({
      code: 'LB_RELOAD_FAILED',
      message: `nginx in ${container} refuses its configuration: ${lastLine(stderr || stdout)}`,
      hint: `the configuration it ran on before stays in force; look at it with: docker exec ${container} nginx -T`,
    });
  }
}

function lastLine(text: string): string {
  return sanitise(text.trim().split('\n').at(-1) ?? '');
}
