/** Variables with which k3d's own developers look into it (k3d pkg/types/env.go), as far as they mean something here. */
export interface DebugVariables {
  /** K3D_DEBUG_DISABLE_DOCKER_INIT: containers get no init process of Docker's. */
  init: boolean;
  /** K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT: so often a node may end while it is waited for; undefined: as usual. */
  restarts: number | undefined;
  /** K3D_LOG_NODE_WAIT_LOGS: nodes whose role stands in this text are heard while they are waited for; empty: none. */
  heard: string;
}

export function debugVariables(env: NodeJS.ProcessEnv): DebugVariables {
  const limit = env.K3D_DEBUG_NODE_WAIT_BACKOFF_LIMIT ?? '';
  return {
    // Go's strconv.ParseBool.
    init: !/^(1|t|T|true|TRUE|True)$/.test(env.K3D_DEBUG_DISABLE_DOCKER_INIT ?? ''),
    restarts: /^[+-]?\d{1,9}$/.test(limit) ? Number(limit) : undefined,
    heard: env.K3D_LOG_NODE_WAIT_LOGS ?? '',
  };
}
