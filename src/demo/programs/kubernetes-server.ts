/** The simulated clusters' APIs. */
export class KubernetesServer {}
