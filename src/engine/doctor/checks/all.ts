import type { Check } from '../check.ts';
import { ADDRESS_CHECKS } from './addresses.ts';
import { CERTIFICATE_CHECKS } from './certificates.ts';
import { DNS_CHECKS } from './dns.ts';
import { ENGINE_CHECKS } from './engine.ts';
import { JOINED_CHECKS } from './joined.ts';
import { KUBECONFIG_CHECKS } from './kubeconfig.ts';
import { BALANCER_CHECKS } from './loadbalancer.ts';
import { NODE_CHECKS } from './nodes.ts';
import { PROXY_CHECKS } from './proxies.ts';
import { REGISTRY_CHECKS } from './registries.ts';
import { WORKLOAD_CHECKS } from './workloads.ts';

/** Everything the doctor looks at, in the order in which remedies are best carried out. */
export const CHECKS: readonly Check[] = [
  ...ENGINE_CHECKS,
  ...ADDRESS_CHECKS,
  ...NODE_CHECKS,
  ...JOINED_CHECKS,
  ...BALANCER_CHECKS,
  ...REGISTRY_CHECKS,
  ...DNS_CHECKS,
  ...CERTIFICATE_CHECKS,
  ...KUBECONFIG_CHECKS,
  ...WORKLOAD_CHECKS,
  ...PROXY_CHECKS,
];
