import type { PortProbe } from '../../src/engine/ports/probe.ts';
import type { LoadBalancerReading } from '../../src/engine/ports/read.ts';
import type { K3duiError } from '../../src/errors.ts';

/** What was read from a cluster's load balancer, or why it could not be. */
export interface ReadingEntry {
  /** Which container in which state was read; another key means it has to be read again. */
  key: string;
  reading?: LoadBalancerReading;
  error?: K3duiError;
}

/** The last test of a path, and whether one runs now. */
export interface ProbeEntry {
  /** What was tested: the path and everything its result depends on. */
  key: string;
  testing: boolean;
  probe?: PortProbe;
  /** When the test began, in milliseconds. */
  at: number;
}

export type LoadBalancerFile = 'nginx.conf' | 'values.yaml';

/** What is known of ports beyond the inventory's picture. Immutable: news make a new one. */
export interface PortsState {
  /** By cluster. */
  readings: ReadonlyMap<string, ReadingEntry>;
  /** By id of the row. */
  probes: ReadonlyMap<string, ProbeEntry>;
  /** Which file is shown under the table, and its first line shown. */
  file: LoadBalancerFile;
  scroll: number;
}

export const NO_PORTS: PortsState = { readings: new Map(), probes: new Map(), file: 'nginx.conf', scroll: 0 };
