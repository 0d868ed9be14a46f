import type { Call, ContainerFile, Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { NGINX_CONF_MODE, NGINX_CONF_PATH } from '../loadbalancer/nginx.ts';
import { reloadLoadBalancer } from '../loadbalancer/reload.ts';
import { NGINX_CONF_WANTED_PATH } from '../loadbalancer/script.ts';
import { VALUES_MODE, VALUES_PATH } from '../loadbalancer/values.ts';
import type { StepContext, Undo } from '../step.ts';
import { stubbornly } from './stubbornly.ts';

const CANDIDATE = '/tmp/k3dui-candidate.conf';

/** Lets nginx in the container judge a configuration before it bites. Throws LB_CONFIG_REFUSED with nginx' words. */
export async function checkNginxConf(docker: Docker, container: string, text: string, call: Call): Promise<void> {
  await docker.writeFiles(container, [{ path: CANDIDATE, content: text, mode: NGINX_CONF_MODE }], call);
  const { exitCode, stdout, stderr } = await docker.exec(container, ['nginx', '-t', '-c', CANDIDATE], {}, call);
  if (exitCode === 0) return;
  const lines = `${stdout}\n${stderr}`.split('\n').filter(line => line.trim() !== '');
  const why = lines.find(line => /\[emerg\]/.test(line)) ?? lines.at(-1) ?? `exit code ${exitCode}`;
  throw new K3duiError({
    code: 'LB_CONFIG_REFUSED',
    message: `nginx refuses the new configuration, so nothing was changed: ${sanitise(why.replace(/^.*\[emerg\]\s*/, '').trim())}`,
    hint: 'the load balancer goes on as it was; check the ports and settings asked for',
  });
}

/**
 * Changes what a load balancer does without replacing it: checked first, then both files at once, then a reload in which
 * open connections live on. When something fails the old files come back.
 */
export async function configureLoadBalancer(
  docker: Docker,
  action: { container: string; values: string; nginx: string; running: boolean },
  context: StepContext,
): Promise<Undo | undefined> {
  const { container, values, nginx, running } = action;
  const call = { signal: context.signal };
  const [oldValues, oldNginx] = await Promise.all([
    docker.readFile(container, VALUES_PATH, call),
    docker.readFile(container, NGINX_CONF_PATH, call),
  ]);
  if (running) await checkNginxConf(docker, container, nginx, call);
  context.onUndo(async () => {
    const files = [...file(VALUES_PATH, oldValues, VALUES_MODE), ...nginxConf(oldNginx, running)];
    await stubbornly(() => docker.writeFiles(container, files));
    if (running) await stubbornly(() => reloadLoadBalancer(docker, container, {}));
  });
  // Not to be cut off: half of an archive would be half of a configuration.
  await docker.writeFiles(container, [...file(VALUES_PATH, values, VALUES_MODE), ...nginxConf(nginx, running)]);
  if (running) await reloadLoadBalancer(docker, container, call);
  return undefined;
}

/** nginx.conf, and for a running container once more where our script takes it from while nothing else writes. */
function nginxConf(content: string | Buffer | undefined, running: boolean): ContainerFile[] {
  const paths = running ? [NGINX_CONF_PATH, NGINX_CONF_WANTED_PATH] : [NGINX_CONF_PATH];
  return paths.flatMap(path => file(path, content, NGINX_CONF_MODE));
}

function file(path: string, content: string | Buffer | undefined, mode: number): ContainerFile[] {
  return content === undefined ? [] : [{ path, content, mode }];
}
