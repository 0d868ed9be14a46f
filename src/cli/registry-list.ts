import type { Snapshot } from '../engine/model.ts';
import { type Registry, registriesOf } from '../engine/registry/model.ts';
import { K3duiError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { k3dNode } from './k3d-json.ts';
import { nodeTable } from './node.ts';
import { inspectNodes, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { withoutSecrets } from './redact.ts';

export interface RegistryListFlags {
  headers?: boolean;
  output?: string;
}

/** `registry list [NAME…]`. k3d cmd/registry/registryList.go. */
export async function listRegistries(run: Run<RegistryListFlags>): Promise<undefined> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const chosen = args.length > 0 ? registriesNamed(snapshot, args) : registriesOf(snapshot);
  const nodes = chosen.map(registry => registry.node).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (!format) {
    io.stdout.write(nodeTable(nodes, flags));
    return;
  }
  const rows = (await inspectNodes(engine, nodes, signal)).map(k3dNode).map(withoutSecrets);
  await printStructured(io.stdout, format, rows);
}

/** The registries of these names, each once. Throws REGISTRY_UNKNOWN. */
export function registriesNamed(snapshot: Snapshot, names: readonly string[]): Registry[] {
  const found = names.map(name => registryNamed(snapshot, name));
  return found.filter((one, i) => found.findIndex(other => other.node.id === one.node.id) === i);
}

/** The registry of that name, with or without `k3d-` in front, or REGISTRY_UNKNOWN. */
export function registryNamed(snapshot: Snapshot, name: string): Registry {
  const all = registriesOf(snapshot);
  const found = all.find(({ node }) => node.name === name) ?? all.find(({ node }) => node.name === `k3d-${name}`);
  if (found) return found;
  const near = nearest(
    name,
    all.map(({ node }) => node.name),
  );
  throw new K3duiError({
    code: 'REGISTRY_UNKNOWN',
    message: `no registry named '${sanitise(name)}'`,
    hint:
      all.length === 0
        ? 'there is none yet; make one with: k3dui registry create'
        : near
          ? `did you mean '${sanitise(near)}'? All of them: k3dui registry list`
          : 'see them all: k3dui registry list',
  });
}
