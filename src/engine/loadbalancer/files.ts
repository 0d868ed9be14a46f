import type { ContainerFile } from '../../docker/docker.ts';
import { NGINX_CONF_MODE, NGINX_CONF_PATH } from './nginx.ts';
import { LB_SCRIPT, LB_SCRIPT_MODE, LB_SCRIPT_PATH, NGINX_CONF_LATER_PATH } from './script.ts';
import type { LoadBalancerModel } from './values.ts';
import { formatValues, VALUES_MODE, VALUES_PATH } from './values.ts';

/**
 * The files that a load balancer needs before it starts.
 * @param nginx its configuration as long as it starts
 * @param later the lasting one, when it first waits beside another to take its place
 */
export function loadBalancerFiles(model: LoadBalancerModel, nginx: string, later?: string): ContainerFile[] {
  return [
    { path: VALUES_PATH, content: formatValues(model), mode: VALUES_MODE },
    { path: NGINX_CONF_PATH, content: nginx, mode: NGINX_CONF_MODE },
    ...(later === undefined ? [] : [{ path: NGINX_CONF_LATER_PATH, content: later, mode: NGINX_CONF_MODE }]),
    { path: LB_SCRIPT_PATH, content: LB_SCRIPT, mode: LB_SCRIPT_MODE },
  ];
}
