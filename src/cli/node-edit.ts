import type { Command } from 'commander';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { addPortFlags, editPorts, type PortFlags } from './cluster-edit.ts';
import { handle, type Session } from './command.ts';
import { clusterNamed, nodeNamed, picture } from './picture.ts';

/** `node edit NODE`, for load balancers only. k3d cmd/node/nodeEdit.go. */
export function addNodeEdit(node: Command, session: Session): void {
  const edit = node
    .command('edit NODE')
    .alias('update')
    .description("add and delete ports of a cluster's load balancer, the only node that can be changed");
  handle<PortFlags>(addPortFlags(edit), session, async run => {
    const engine = await run.engine();
    const snapshot = await picture(engine, run.io.interrupts.signal);
    const found = nodeNamed(snapshot, run.args[0]!);
    if (found.role !== 'loadbalancer') {
      const port = run.flags.portAdd?.[0]?.split('@')[0] ?? '8080:80';
      const filter = filterOf(found.name, found.role);
      throw new K3duiError({
        code: 'NODE_NOT_EDITABLE',
        message: `${sanitise(found.name)} cannot be changed, only a load balancer can: Docker publishes a container's ports only when it creates it, and a node created again would lose its pods, images and, if it is a server, the cluster's data`,
        hint: `reach it through the load balancer: k3dui cluster edit ${sanitise(found.cluster) || 'CLUSTER'} --port-add ${sanitise(port)}${filter}`,
      });
    }
    return editPorts(run, clusterNamed(snapshot, found.cluster), found.name);
  });
}

function filterOf(name: string, role: string): string {
  const index = /-(\d+)$/.exec(name)?.[1];
  return (role === 'server' || role === 'agent') && index !== undefined ? `@${role}:${index}:proxy` : '';
}
