import type { Command } from 'commander';
import { type IngressRequest, proposeHost } from '../engine/expose/ingress.ts';
import { planIngressCreate, planIngressDelete } from '../engine/expose/ingress-plan.ts';
import { hostsCommand, isLocalhostName, resolveHere } from '../engine/expose/resolve.ts';
import { type Survey, surveyCluster } from '../engine/expose/survey.ts';
import { curlLine } from '../engine/expose/urls.ts';
import { lineDiff } from '../engine/loadbalancer/line-diff.ts';
import { K3duiError } from '../errors.ts';
import { sanitise, sanitiseLines } from '../text.ts';
import { flag, handle, type Run, type Session, wholeNumber } from './command.ts';
import { clusterNamed, picture } from './picture.ts';
import { structuredFormat } from './print.ts';
import { printPlan } from './print-plan.ts';
import { conclude, runPlans } from './run-plans.ts';

interface IngressFlags {
  hostname?: string;
  path?: string;
  class?: string;
  hostPort?: number;
  dryRun?: boolean;
  output?: string;
}

/** `ingress create|delete`: a host name for a Service, with the port mapping that it needs; and the way back. */
export function addIngressCommands(program: Command, session: Session): void {
  const ingress = program.command('ingress').description('give Services host names, and take them away');
  const create = ingress
    .command('create CLUSTER [NAMESPACE/]SERVICE[:PORT]')
    .description(
      'lead a host name to a Service by an Ingress; publishes the port of the Ingress controller if none leads to it yet, and asks for the URL at the end',
    )
    .option('--hostname <name>', 'host name (default: SERVICE.localhost)')
    .option('--path <path>', 'only what is below this path', '/')
    .option('--class <name>', "Ingress class (default: the cluster's own controller)")
    .option('--host-port <port>', 'port of this machine to publish, if one is needed', wholeNumber('--host-port'));
  handle<IngressFlags>(withPlanFlags(create), session, createIngress);
  const remove = ingress
    .command('delete CLUSTER NAMESPACE/INGRESS')
    .aliases(['del', 'rm'])
    .description('delete an Ingress, and the port that was published for it if nothing else needs that');
  handle<IngressFlags>(withPlanFlags(remove), session, deleteIngress);
}

function withPlanFlags(command: Command): Command {
  flag(command, '--dry-run', 'print what would be done, with the manifest, and do nothing');
  return command.option('-o, --output <format>', 'with --dry-run: json or yaml instead of text');
}

async function survey(run: Run<IngressFlags>): Promise<{ survey: Survey; wanted: string }> {
  const [clusterName = '', wanted = ''] = run.args;
  if (wanted === '') {
    throw new K3duiError({
      code: 'USAGE',
      message: 'a cluster and a name are needed',
      hint: 'see: k3dui ingress --help',
    });
  }
  const engine = await run.engine();
  const { signal } = run.io.interrupts;
  const cluster = clusterNamed(await picture(engine, signal), clusterName);
  return { survey: await surveyCluster(engine, cluster, { signal }), wanted };
}

async function createIngress(run: Run<IngressFlags>): Promise<number> {
  const { flags, io, log } = run;
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const { survey: found, wanted } = await survey(run);
  const request = requestOf(found, wanted, flags);
  const planned = await planIngressCreate(engine, found, request, { signal });
  const { plan, manifest, url, address, ports } = planned;
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    if (structuredFormat(flags.output) === undefined) {
      for (const line of sanitiseLines(manifest.trimEnd())) io.stdout.write(`  ${line}\n`);
      if (ports)
        for (const { sign, text } of lineDiff(ports.before, ports.after))
          io.stdout.write(`  ${sign} ${sanitise(text)}\n`);
    }
    return 0;
  }
  const outcomes = await runPlans(run, engine, [{ name: found.ground.cluster.name, plan }], () => {
    log.info(`Reach it at ${sanitise(url)}`);
  });
  const code = conclude(run, outcomes);
  if (code !== 0) return code;
  const { right } = await resolveHere(request.host, address);
  if (!right) {
    const who = isLocalhostName(request.host)
      ? 'Browsers know this name, other programs here do not'
      : 'This machine does not know the name';
    log.warn(`${who}; this line tells it: ${hostsCommand(request.host, address, process.platform)}`);
    const curl = curlLine({ urls: [url], host: request.host }, address);
    if (curl !== undefined) log.info(`Without it: ${sanitise(curl)}`);
  }
  return 0;
}

/** `[NAMESPACE/]SERVICE[:PORT]`; without a namespace the only Service of that name. Throws SERVICE_UNKNOWN. */
function requestOf({ traffic, ground }: Survey, wanted: string, flags: IngressFlags): IngressRequest {
  const [, namespace, name = '', port] = /^(?:([^/]*)\/)?([^:/]+)(?::(\d+))?$/.exec(wanted) ?? [];
  const services = [...traffic.services.values()];
  const found = services.filter(one => one.name === name && (namespace === undefined || one.namespace === namespace));
  const [service] = found;
  if (service === undefined || found.length > 1) {
    const names = (found.length > 1 ? found : services).map(one => `${one.namespace}/${one.name}`);
    throw new K3duiError({
      code: 'SERVICE_UNKNOWN',
      message:
        found.length > 1
          ? `there are several Services '${sanitise(name)}' in cluster '${ground.cluster.name}'`
          : `there is no Service '${sanitise(wanted)}' in cluster '${ground.cluster.name}'`,
      hint: `name one: ${names.slice(0, 8).join(', ')}`,
    });
  }
  const request = { namespace: service.namespace, service: service.name };
  return {
    ...request,
    port: port === undefined ? (service.ports.find(one => one.protocol === 'tcp')?.port ?? 0) : Number(port),
    host: flags.hostname ?? proposeHost(request, traffic),
    path: flags.path ?? '/',
    ...(flags.class !== undefined && { className: flags.class }),
    ...(flags.hostPort !== undefined && { hostPort: flags.hostPort }),
  };
}

async function deleteIngress(run: Run<IngressFlags>): Promise<number> {
  const { flags, io, log } = run;
  const engine = await run.engine();
  const { survey: found, wanted } = await survey(run);
  const [first = '', second] = wanted.split('/');
  const named = [...found.traffic.ingresses.values()].filter(one => one.name === (second ?? first));
  const namespace = second === undefined ? (named.length === 1 ? named[0]!.namespace : 'default') : first;
  const { plan } = await planIngressDelete(
    engine,
    found,
    { namespace, name: second ?? first },
    { signal: io.interrupts.signal },
  );
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const outcomes = await runPlans(run, engine, [{ name: wanted, plan }], () =>
    log.info(`Deleted Ingress ${sanitise(namespace)}/${sanitise(second ?? first)}`),
  );
  return conclude(run, outcomes);
}
