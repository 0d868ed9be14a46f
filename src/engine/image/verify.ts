import { commandLine } from '../../config/command-line.ts';
import { K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { concluded } from './conclude.ts';
import { familiarName, fullName } from './names.ts';
import type { NodeImages } from './node-images.ts';

/** Has each node that holds them look whether images are whole. Throws IMAGE_UNKNOWN when no node holds one. */
export function planImageVerify(request: { images: string[]; where: string[] }, nodes: readonly NodeImages[]): Plan {
  const steps = request.images.flatMap(reference => {
    const name = fullName(reference);
    const holders = nodes.filter(node => node.images.some(image => image.names.includes(name)));
    if (holders.length === 0) {
      throw new K3duiError({
        code: 'IMAGE_UNKNOWN',
        message: `no node holds an image '${sanitise(reference)}'`,
        hint: 'see them all: k3dui image list',
      });
    }
    return holders.map(
      ({ node }): PlannedStep => ({
        id: `verify ${name} ${node}`,
        title: `verify ${familiarName(name)}`,
        subject: node,
        after: [],
        action: { kind: 'node-image.verify', node, name },
        optional: true,
      }),
    );
  });
  const where = [...new Set(steps.map(step => step.subject))];
  return {
    title: `verify ${request.images.length === 1 ? request.images[0] : `${request.images.length} images`} on ${where.length === 1 ? where[0] : `${where.length} nodes`}`,
    command: commandLine`k3dui image verify ${[...request.images, ...request.where]}`,
    steps: concluded(steps, where.length),
    warnings: [],
    onFailure: 'keep',
    timeoutSeconds: 300,
    secrets: [],
  };
}
