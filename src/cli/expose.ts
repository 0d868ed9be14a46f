import type { Command } from 'commander';
import type { Engine } from '../engine/engine.ts';
import { type Diagnosis, diagnose } from '../engine/expose/diagnose.ts';
import type { Exposure } from '../engine/expose/model.ts';
import { probeChain } from '../engine/expose/probe.ts';
import { surveyCluster } from '../engine/expose/survey.ts';
import { curlLine } from '../engine/expose/urls.ts';
import { exposureData, exposureName, HOP_SIGNS, hopWords, reachText, VERDICT_SIGNS } from '../engine/expose/words.ts';
import type { Cluster } from '../engine/model.ts';
import { isAbort, K3duiError, toK3duiError } from '../errors.ts';
import { pad, sanitise, stringWidth } from '../text.ts';
import { flag, handle, type Run, type Session } from './command.ts';
import { clusterNamed, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { formatTable } from './table.ts';

interface ExposeFlags {
  test?: boolean;
  output?: string;
  headers?: boolean;
}

/** `expose [CLUSTER] [SERVICE]`: every way into clusters; of one Service the whole way, tried hop by hop. */
export function addExposeCommand(program: Command, session: Session): void {
  const expose = program
    .command('expose [CLUSTER] [SERVICE]')
    .description(
      "show how Services and Ingresses are reached from this machine, or the one step that is missing; with a SERVICE ([NAMESPACE/]NAME[:PORT], or an Ingress' name or host) every hop from the host port to the pod, tried; ends with 1 when it breaks",
    )
    .option('-o, --output <format>', 'json or yaml instead of a table');
  flag(expose, '-t, --test', 'try every way of the table too, not only look at what is set up');
  flag(expose, '--no-headers', 'leave the titles of the columns out');
  handle<ExposeFlags>(expose, session, showExposures);
}

interface Found {
  exposure: Exposure;
  diagnosis: Diagnosis;
}

async function showExposures(run: Run<ExposeFlags>): Promise<number> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const [clusterName, wanted] = args;
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const clusters = clusterName === undefined ? snapshot.clusters : [clusterNamed(snapshot, clusterName)];
  const all = (
    await Promise.all(clusters.map(cluster => surveyed(run, engine, cluster, clusterName !== undefined)))
  ).flat();
  const chosen = wanted === undefined ? all : matching(all, wanted, clusterName ?? '');
  const tried = flags.test === true || wanted !== undefined;
  const found: Found[] = [];
  for (const exposure of chosen) {
    // What nobody from outside is meant to reach is tried only when it is asked for by name.
    const result =
      tried && (wanted !== undefined || !exposure.inside)
        ? await probeChain(engine.docker, exposure, { signal })
        : undefined;
    found.push({ exposure, diagnosis: diagnose(exposure, result) });
  }
  if (format !== undefined) {
    await printStructured(
      io.stdout,
      format,
      found.map(({ exposure, diagnosis }) => exposureData(exposure, diagnosis)),
    );
  } else if (wanted === undefined)
    io.stdout.write(exposureTable(found, flags.headers !== false, clusterName === undefined));
  else io.stdout.write(found.map(({ exposure, diagnosis }) => chainText(exposure, diagnosis)).join('\n'));
  return tried && found.some(({ diagnosis }) => diagnosis.verdict === 'broken') ? 1 : 0;
}

/** Of several clusters one that cannot be asked is said so, and the others are shown. */
async function surveyed(
  { io, log }: Run<ExposeFlags>,
  engine: Engine,
  cluster: Cluster,
  named: boolean,
): Promise<Exposure[]> {
  try {
    return (await surveyCluster(engine, cluster, { signal: io.interrupts.signal })).exposures;
  } catch (error) {
    if (named || isAbort(error)) throw error;
    log.warn(sanitise(toK3duiError(error).message));
    return [];
  }
}

/** Those that `[NAMESPACE/]NAME[:PORT]` or a host name means. Throws EXPOSURE_UNKNOWN. */
export function matching(all: readonly Exposure[], wanted: string, cluster: string): Exposure[] {
  const [, namespace, name = '', port] = /^(?:([^/]*)\/)?([^:/]+)(?::(.+))?$/.exec(wanted) ?? [];
  const found = all.filter(
    one =>
      one.host === wanted ||
      (one.name === name &&
        (namespace === undefined || one.namespace === namespace) &&
        (port === undefined || one.port === port || String(one.service?.port) === port)),
  );
  if (found.length > 0) return found;
  const names = [...new Set(all.filter(one => !one.inside).map(exposureName))];
  throw new K3duiError({
    code: 'EXPOSURE_UNKNOWN',
    message: `there is no Service or Ingress '${sanitise(wanted)}' in cluster '${sanitise(cluster)}'`,
    hint: names.length === 0 ? `see them all: k3dui expose ${cluster}` : `there are: ${names.slice(0, 8).join(', ')}`,
  });
}

function exposureTable(found: readonly Found[], headers: boolean, among: boolean): string {
  const header = [...(among ? ['CLUSTER'] : []), 'NAMESPACE', 'KIND', 'NAME', 'PORT', 'STATE', 'REACH'];
  const rows = found.map(({ exposure, diagnosis }) =>
    [
      ...(among ? [exposure.cluster] : []),
      exposure.namespace,
      exposure.kind,
      exposure.name,
      exposure.port,
      `${VERDICT_SIGNS[diagnosis.verdict]} ${diagnosis.verdict}`,
      reachText(exposure, diagnosis),
    ].map(sanitise),
  );
  return formatTable(headers ? [header, ...rows] : rows);
}

/** The way of one exposure, a line a hop, and what to do where it breaks. */
export function chainText(exposure: Exposure, diagnosis: Diagnosis): string {
  const { hops, urls, kind, note } = exposure;
  const { verdict, fault, at, advice } = diagnosis;
  const lines = hops.map((hop, index) => {
    const { said, took } = hopWords(diagnosis.hops[index]!);
    return {
      sign: HOP_SIGNS[diagnosis.hops[index]!.state],
      title: hop.title,
      text: sanitise(hop.text) || '–',
      said: sanitise(said),
      took,
    };
  });
  const wide = (cells: string[]) => Math.max(0, ...cells.map(stringWidth));
  const [titles, texts] = [wide(lines.map(line => line.title)), Math.min(60, wide(lines.map(line => line.text)))];
  const out = [
    `${sanitise(exposureName(exposure))}  ${kind}${note === '' ? '' : ` (${sanitise(note)})`}  ${VERDICT_SIGNS[verdict]} ${verdict}`,
    '',
    ...lines.map(({ sign, title, text, said, took }) =>
      `  ${sign} ${pad(title, titles)}  ${pad(text, texts)}  ${said}${took === '' ? '' : `  ${took}`}`.trimEnd(),
    ),
    '',
  ];
  const say = (head: string, what: NonNullable<Diagnosis['fault']>) => {
    out.push(`${head}${sanitise(what.why)}`);
    if (what.remedy) out.push(`  to do: ${sanitise(what.remedy.text)}`);
    if (what.remedy?.command) out.push(`         ${sanitise(what.remedy.command)}`);
  };
  if (fault) say(verdict === 'inside' ? 'Inside only: ' : `Breaks at ${hops[at!]!.title}: `, fault);
  else if (urls.length > 0) {
    const web = hops
      .find(hop => hop.kind === 'url')
      ?.parts.flatMap(({ target }) => (target?.how === 'resolve' ? [target.address] : []));
    const curl = curlLine(exposure, web?.[0] ?? '', advice === undefined);
    out.push(sanitise(`Reach it at ${urls.join('  ')}`), ...(curl === undefined ? [] : [`  ${sanitise(curl)}`]));
  }
  if (advice) say('Note: ', advice);
  return `${out.join('\n')}\n`;
}
