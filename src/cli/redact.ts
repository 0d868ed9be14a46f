import { HIDDEN } from '../text.ts';

const SECRET_ENV = /^(K3S_TOKEN|K3S_AGENT_TOKEN|K3S_TOKEN_FILE|REGISTRY_PROXY_PASSWORD)=/;
const SECRET_ARG = /^(--(?:agent-)?token)(=.*)?$/;

interface WithSecrets {
  env?: string[];
  Cmd: string[] | null;
  runtimeLabels?: Record<string, string>;
}

/** The node without its cluster's token, which k3d leaves in environment, arguments and labels for all to see. */
export function withoutSecrets<Node extends WithSecrets>(node: Node): Node {
  const labels = node.runtimeLabels;
  return {
    ...node,
    ...(node.env && { env: node.env.map(hideVariable) }),
    Cmd: node.Cmd && hideArguments(node.Cmd),
    ...(labels && 'k3d.cluster.token' in labels && { runtimeLabels: { ...labels, 'k3d.cluster.token': HIDDEN } }),
  };
}

function hideVariable(line: string): string {
  const match = SECRET_ENV.exec(line);
  return match ? `${match[1]}=${HIDDEN}` : line;
}

function hideArguments(args: string[]): string[] {
  return args.map((arg, i) => {
    const match = SECRET_ARG.exec(arg);
    if (match) return match[2] === undefined ? arg : `${match[1]}=${HIDDEN}`;
    const before = SECRET_ARG.exec(args[i - 1] ?? '');
    return before && before[2] === undefined ? HIDDEN : arg;
  });
}
