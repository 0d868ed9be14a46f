import type { ClusterSpec } from '../../../src/config/cluster-spec.ts';
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
  const range = (role: string, count: number) => {
    const first = `k3d-${sanitise(spec.name)}-${role}-0`;
    return count > 1 ? `${first} … ${count - 1}` : first;
  };
  const exists = [
    range('server', spec.servers),
    ...(spec.agents > 0 ? [range('agent', spec.agents)] : []),
    ...(spec.loadBalancer ? [`k3d-${sanitise(spec.name)}-serverlb`] : []),
    `network ${spec.network ? `${sanitise(spec.network)} (exists)` : `k3d-${sanitise(spec.name)}`}`,
    ...(spec.registries.create
      ? [`registry ${sanitise(spec.registries.create.name || `k3d-${spec.name}-registry`)}`]
      : []),
    ...(spec.imageVolume ? [`volume k3d-${sanitise(spec.name)}-images`] : []),
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
