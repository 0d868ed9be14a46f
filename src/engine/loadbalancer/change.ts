import type { LoadBalancerSettings } from './values.ts';

/** One mapping as `--port-add` and `--port-delete` name it: `8080:80` and `loadbalancer`. */
export interface PortRequest {
  /** `[IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]` */
  port: string;
  /** Empty: all servers and agents. */
  nodeFilters: string[];
}

/** What is to become different, as one set: removals are done first, then additions, then the rest. */
export interface PortChange {
  add: PortRequest[];
  remove: PortRequest[];
  /** Settings to change; undefined as a value takes one out. Others stay. */
  settings?: Partial<LoadBalancerSettings>;
  /** Listener (`80.tcp`) → the nodes that shall stand behind it, all of them. */
  replaceUpstreams?: Record<string, string[]>;
}
