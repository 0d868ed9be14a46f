import { bindingSpec } from '../../../src/engine/loadbalancer/bindings.ts';
import type { PortEdit } from '../../port-actions.ts';
import type { Theme } from '../../theme.ts';
import { diffView } from '../../widgets/diff.tsx';
import { wrapText } from '../../widgets/wrap.ts';
import { planLines } from '../plan-lines.ts';

/** What a replacement cuts connections for, in seconds; measured, see test/bench. */
const INTERRUPTION = '0.3';

/** What is interrupted, and why. */
export function interruption({ preview, plan }: PortEdit): { text: string; style: 'good' | 'warn' | 'dim' } {
  const count = preview.bindings.length;
  if (preview.how === 'nothing' && plan.steps.length === 0) {
    return { text: 'It is so already: nothing needs to be done.', style: 'dim' };
  }
  if (preview.how !== 'replace') {
    return {
      text: 'Nothing is interrupted: no host port changes, nginx takes the new configuration up while it runs.',
      style: 'good',
    };
  }
  return {
    text: `All ${count} ${count === 1 ? 'port' : 'ports'} of this load balancer, the Kubernetes API too, are interrupted once for about ${INTERRUPTION} s: Docker publishes ports only when it makes a container, so a new load balancer takes the old one's place. Nodes and pods run on.`,
    style: 'warn',
  };
}

/** The set, what it interrupts, the change to nginx.conf, and the plan; as lines of at most `width` columns. */
export function previewLines(theme: Theme, edit: PortEdit, width: number): string[] {
  const { preview, plan, change } = edit;
  const sign = (mark: string, style: 'good' | 'bad', specs: string[]) =>
    specs.map(spec => theme.paint(style, `${mark} ${spec}`));
  const upstreams = Object.entries(change.replaceUpstreams ?? {}).map(
    ([listener, nodes]) => `  ${listener.replace('.', '/')} leads to ${nodes.join(', ')}`,
  );
  const { text, style } = interruption(edit);
  const added = preview.added.map(bindingSpec);
  const few = added.length > 12 ? [...added.slice(0, 10), `… ${added.length - 10} more`] : added;
  return [
    ...sign('-', 'bad', preview.removed.map(bindingSpec)),
    ...sign('+', 'good', few),
    ...upstreams.flatMap(line => wrapText(line, width)),
    ...wrapText(text, width).map(line => theme.paint(style, line)),
    '',
    theme.paint('title', 'nginx.conf'),
    ...diffView(theme, preview.before, preview.after, width, 1),
    '',
    theme.paint('title', 'Plan'),
    ...planLines(theme, plan, width),
  ];
}
