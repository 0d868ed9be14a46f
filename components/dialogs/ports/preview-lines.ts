import { bindingSpec } from '../../../src/engine/loadbalancer/bindings.ts';
import type { PortEdit } from '../../port-actions.ts';
import type { Theme } from '../../theme.ts';
import { diffView } from '../../widgets/diff-view.ts';
import { wrapText } from '../../widgets/wrap.ts';
import { planLines } from '../plan-lines.ts';

/**
 * For how long, in words: Docker starts a process for each published port, on two cores at about 0.1 s each; below that
 * it is what taking the ports over takes anyway.
 */
export function interruptionTime(ports: number): string {
  const seconds = Math.max(0.3, ports * 0.1);
  return `about ${seconds < 2 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** Longer diffs are cut: a range of 100 ports is 1,000 lines of the same kind. */
const DIFF_LINES = 80;

type PlannedChange = Pick<PortEdit, 'plan' | 'preview'>;

/** What is interrupted, and why. */
export function interruption({ preview, plan }: PlannedChange): { text: string; style: 'good' | 'warn' | 'dim' } {
  if (plan.steps.some(({ action }) => action.kind === 'loadbalancer.handover' && !action.running)) {
    return { text: 'Nothing is interrupted: the cluster is stopped, and stays so.', style: 'good' };
  }
  const count = preview.bindings.length - preview.added.length + preview.removed.length;
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
    text: `${count === 1 ? 'The one port of this load balancer, the Kubernetes API, is' : `${count === 2 ? 'Both' : `All ${count}`} ports of this load balancer, the Kubernetes API too, are`} interrupted once for ${interruptionTime(preview.bindings.length)}: Docker publishes ports only when it makes a container, so a new load balancer takes the old one's place. Nodes and pods run on.`,
    style: 'warn',
  };
}

/** What goes, what comes, and what that interrupts; as lines of at most `width` columns. */
export function changeLines(theme: Theme, edit: PlannedChange, width: number): string[] {
  const { preview, plan } = edit;
  const sign = (mark: string, style: 'good' | 'bad', specs: string[]) =>
    specs.map(spec => theme.paint(style, `${mark} ${spec}`));
  const { text, style } = interruption(edit);
  const added = preview.added.map(bindingSpec);
  const few = added.length > 12 ? [...added.slice(0, 10), `… ${added.length - 10} more`] : added;
  return [
    ...sign('-', 'bad', preview.removed.map(bindingSpec)),
    ...sign('+', 'good', few),
    ...wrapText(text, width).map(line => theme.paint(style, line)),
    ...plan.warnings.flatMap(warning => wrapText(`! ${warning}`, width).map(line => theme.paint('warn', line))),
  ];
}

/** The set, what it interrupts, the change to nginx.conf, and the plan; as lines of at most `width` columns. */
export function previewLines(theme: Theme, edit: PlannedChange, width: number): string[] {
  const { preview, plan } = edit;
  const diff = diffView(theme, preview.before, preview.after, width, 1);
  return [
    ...changeLines(theme, edit, width),
    '',
    theme.paint('title', 'nginx.conf'),
    ...diff.slice(0, DIFF_LINES),
    ...(diff.length > DIFF_LINES ? [theme.paint('dim', `  … ${diff.length - DIFF_LINES} lines more`)] : []),
    '',
    theme.paint('title', 'Plan'),
    ...planLines(theme, { ...plan, warnings: [] }, width),
  ];
}
