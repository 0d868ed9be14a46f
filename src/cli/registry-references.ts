import { type ImageName, proveReference, type ReferencePlace, referencesOf } from '../engine/registry/references.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { imageNamed } from './registry-content.ts';
import { registryNamed } from './registry-list.ts';
import { formatTable } from './table.ts';

const PLACES: Record<ReferencePlace, string> = {
  cluster: 'in the cluster',
  host: 'on this host',
  name: 'by name',
};

/** `registry references NAME [IMAGE]`: each is tried before it is called good. Exit code 1 when one that must work does not. */
export async function showReferences(run: Run<{ output?: string }>): Promise<number> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const registry = registryNamed(snapshot, args[0] ?? '');
  const image: ImageName | undefined = args[1] ? imageNamed(args[1], registry) : undefined;
  const context = { docker: engine.docker, env: engine.env, clusters: snapshot.clusters };
  const rows = await Promise.all(
    referencesOf(registry, image).map(async ({ place, text }) => {
      const proof = await proveReference(context, registry, place, image, { signal });
      return { place, reference: text, ...proof };
    }),
  );
  if (format) {
    await printStructured(
      io.stdout,
      format,
      rows.map(({ text: proof, ...row }) => ({ ...row, proof })),
    );
  } else {
    const table = rows.map(({ place, reference, state, text, need }) => [
      PLACES[place],
      sanitise(reference),
      state === 'good' ? 'works' : state === 'bad' ? 'does not' : 'not tried',
      sanitise(need ? `${text} (needs: ${need})` : text),
    ]);
    io.stdout.write(formatTable([['WHERE', 'REFERENCE', 'STATE', 'PROOF'], ...table]));
  }
  // The name on the host is a comfort: it needs a line in the hosts file.
  return rows.some(({ place, state }) => state === 'bad' && place !== 'name') ? 1 : 0;
}
