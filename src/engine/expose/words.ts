import type { Diagnosis, HopState } from './diagnose.ts';
import { type Exposure, missingStep } from './model.ts';

/** A sign and a word for each state of a hop: colour is never needed to tell them apart. */
export const HOP_SIGNS: Record<HopState, string> = {
  good: '●',
  warn: '◐',
  bad: '✗',
  behind: '◌',
  known: '○',
  testing: '…',
  absent: '–',
};

/** What is said of a hop, with how long it took. */
export function hopWords({ state, said, ms }: Diagnosis['hops'][number]): { said: string; took: string } {
  const took = ms === undefined || state === 'testing' || state === 'known' ? '' : `${ms} ms`;
  if (state === 'bad') return { said: said === '' ? 'BROKEN' : `BROKEN: ${said}`, took };
  if (state === 'behind') return { said: said === '' ? 'fails with it' : `${said}, as it fails further in`, took };
  if (state === 'testing') return { said: 'being tried', took };
  if (state === 'absent') return { said: 'inside only', took };
  return { said, took };
}

export const VERDICT_SIGNS: Record<Diagnosis['verdict'], string> = {
  works: '●',
  untried: '◌',
  closed: '○',
  broken: '✗',
  inside: '–',
  testing: '…',
};

/** What the REACH column says: where it is to be found, or the one thing that is missing. */
export function reachText(exposure: Exposure, { verdict, fault }: Diagnosis): string {
  if (verdict === 'broken' || verdict === 'closed') return fault?.why ?? '';
  if (exposure.kind === 'ExternalName') return exposure.note;
  if (verdict === 'inside') return 'inside only';
  return exposure.urls.join('  ');
}

/** What it is called on the command line: `shop/web:8080`, or the host and path of an Ingress. */
export function exposureName({ namespace, name, port, kind }: Exposure): string {
  return kind === 'Ingress' || kind === 'IngressRoute' ? `${namespace}/${name}` : `${namespace}/${name}:${port}`;
}

/** Everything as plain data, for `-o json`; without a test the state is what Docker and Kubernetes say. */
export function exposureData(exposure: Exposure, diagnosis: Diagnosis) {
  const { cluster, kind, namespace, name, port, host, path, urls, hops } = exposure;
  const fault = diagnosis.fault ?? missingStep(exposure);
  return {
    cluster,
    kind,
    namespace,
    name,
    port,
    ...(host === '' && path === '' ? {} : { host, path }),
    state: diagnosis.verdict,
    urls,
    ...(fault && { missing: { why: fault.why, todo: fault.remedy?.text, command: fault.remedy?.command } }),
    ...(diagnosis.at !== undefined && { breaksAt: hops[diagnosis.at]!.kind }),
    hops: hops.map((hop, at) => {
      const { state, said, ms } = diagnosis.hops[at]!;
      return { kind: hop.kind, text: hop.text, parts: hop.parts.map(({ label }) => label), state, said, ms };
    }),
  };
}
