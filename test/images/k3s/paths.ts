import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where k3s keeps its things in a node; the stand-in keeps its own in the same places. */
export const dataDirectory = '/var/lib/rancher/k3s';
export const serverDirectory = `${dataDirectory}/server`;
export const tlsDirectory = `${serverDirectory}/tls`;
export const manifestDirectory = `${serverDirectory}/manifests`;
export const stateFile = `${serverDirectory}/db/state.json`;
export const agentDirectory = `${dataDirectory}/agent`;
export const nodePasswordFile = '/etc/rancher/node/password';
export const kubeconfigFile = '/etc/rancher/k3s/k3s.yaml';
export const registriesFile = '/etc/rancher/k3s/registries.yaml';

/** Writes a file whole or not at all, making its folder. */
export function writeFile(path: string, content: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, path);
}

/** The file's text, or undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The version this image claims, such as `v1.31.5+k3s1`: written into the image by its recipe. */
export function version(): string {
  return (readIfThere('/usr/lib/k3s/version') ?? 'v0.0.0+k3s0').trim();
}
