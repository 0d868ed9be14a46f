import type { ClusterSpec } from '../../../src/config/cluster-spec.ts';
import { imageVolumeName, loadBalancerName, networkName, nodeName, registryName } from '../../../src/engine/names.ts';
import { sanitise, truncate } from '../../../src/text.ts';
import type { Theme } from '../../theme.ts';
import { wrapText } from '../../widgets/wrap.ts';
import type { FormField } from './fields.ts';
import type { FieldProblem } from './to-spec.ts';

/** What stands beside the form where there is room: help for the field, what will exist, what is wrong. */
export function summaryLines(
  theme: Theme,
  field: FormField | undefined,
  spec: ClusterSpec,
  problems: readonly FieldProblem[],
  width: number,
): string[] {
  const errors = problems.filter(problem => problem.severity === 'error').length;
  const name = sanitise(spec.name);
  const range = (role: 'server' | 'agent', count: number) => {
    const first = nodeName(name, role, 0);
    return count > 1 ? `${first} … ${count - 1}` : first;
  };
  const exists = [
    range('server', spec.servers),
    ...(spec.agents > 0 ? [range('agent', spec.agents)] : []),
    ...(spec.loadBalancer ? [loadBalancerName(name)] : []),
    `network ${spec.network ? `${sanitise(spec.network)} (exists)` : networkName(name)}`,
    ...(spec.registries.create ? [`registry ${sanitise(spec.registries.create.name || registryName(name))}`] : []),
    ...(spec.imageVolume ? [`volume ${imageVolumeName(name)}`] : []),
  ];
  return [
    ...(field ? [theme.paint('title', field.label), ...wrapText(field.help, width), ''] : []),
    theme.paint('title', 'Will exist'),
    ...exists.map(line => truncate(line, width)),
    '',
    errors === 0
      ? theme.paint('good', '✓ nothing in the way so far')
      : theme.paint('bad', `✗ ${errors} ${errors === 1 ? 'thing' : 'things'} to put right`),
  ];
}
