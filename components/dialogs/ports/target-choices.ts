import type { NodePort } from '../../../src/engine/model.ts';
import type { Targets } from '../../port-actions.ts';

/** What the cluster said of what can be reached in it. */
export type TargetsAnswer = { state: 'asking' } | { state: 'known'; found: Targets } | { state: 'failed'; why: string };

export interface TargetChoice {
  label: string;
  detail: string;
  /** As it is typed: `80`, `53/udp`. */
  target: string;
}

/** What is offered where the cluster does not say: k3s brings Traefik, which listens on these. */
const USUAL: Targets = {
  targets: [
    { port: 80, protocol: 'tcp', what: 'HTTP, where an Ingress controller listens' },
    { port: 443, protocol: 'tcp', what: 'HTTPS, where an Ingress controller listens' },
  ],
  inside: 0,
};

/** Suggestions, with the host ports that lead to them already. */
export function targetChoices(answer: TargetsAnswer, published: readonly NodePort[]): TargetChoice[] {
  const { targets } = answer.state === 'known' && answer.found.targets.length > 0 ? answer.found : USUAL;
  return targets.map(({ port, protocol, what }) => {
    const mapped = published.filter(one => one.containerPort === port && one.protocol === protocol && one.hostPort > 0);
    const already = mapped.length > 0 ? `, already at ${mapped.map(one => one.hostPort).join(', ')}` : '';
    return {
      label: `${port}/${protocol}`,
      detail: `${what}${already}`,
      target: protocol === 'tcp' ? String(port) : `${port}/${protocol}`,
    };
  });
}

/** Where the suggestions come from, or why they are only the usual ones. */
export function targetsNote(answer: TargetsAnswer): string {
  if (answer.state === 'asking') return 'asking the cluster for its Services …';
  if (answer.state === 'failed')
    return `the cluster's Services are not known, these are the usual ports: ${answer.why}`;
  const { targets, inside } = answer.found;
  const none = targets.length === 0 ? 'no Service can be reached through the nodes, these are the usual ports; ' : '';
  return `${none}${inside} ${inside === 1 ? 'Service is' : 'Services are'} reached through an Ingress only`;
}
