import { planIngressDelete } from '../src/engine/expose/ingress-plan.ts';
import { missingStep, type Remedy } from '../src/engine/expose/model.ts';
import { surveyCluster } from '../src/engine/expose/survey.ts';
import { curlLine } from '../src/engine/expose/urls.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { EMPTY_DRAFT } from './dialogs/ports/draft.ts';
import type { ExposeLine } from './expose-work.ts';
import { addressOf } from './screens/expose-lines.ts';
import type { Place } from './state/navigation.ts';
import { fieldOf } from './widgets/field-state.ts';

/** The way that a place is about: the selected one, or the one that is shown in full. */
export function exposeLine(app: Controller, place: Place): ExposeLine | undefined {
  if (place.screen === 'expose') return app.selectedRow(place) as ExposeLine | undefined;
  return place.screen === 'exposure' ? app.expose.line(place.subject) : undefined;
}

/** What a browser can open of it. */
export const browsable = ({ exposure }: ExposeLine): string | undefined =>
  exposure.urls.find(url => /^https?:\/\//.test(url) && !url.includes('*'));

/** A curl line that works also where the name does not resolve. */
export const curlOf = (line: ExposeLine): string | undefined =>
  curlLine(line.exposure, addressOf(line), line.diagnosis.advice === undefined && line.result !== undefined);

/** What k3dui can do about what is missing. */
export function remedyOf({ exposure, diagnosis }: ExposeLine): Remedy | undefined {
  return (diagnosis.fault ?? missingStep(exposure))?.remedy;
}

/** Carries the remedy out as far as it can be: a port through the port dialog's preview, a container by starting it. */
export function mend(app: Controller, line: ExposeLine): void {
  const { act } = remedyOf(line) ?? {};
  const cluster = line.cluster.name;
  if (act?.kind === 'start') app.nodes.start([act.node]);
  else if (act?.kind === 'ingress') openIngress(app, line);
  else if (act?.kind === 'port') void addPort(app, cluster, act);
}

/** Opens the wizard that gives a Service a host name. */
export function openIngress(app: Controller, line: ExposeLine): void {
  const { service } = line.exposure;
  if (service) app.openDialog({ name: 'ingress', cluster: line.cluster.name, service });
}

/** Plans to take the Ingress away, and asks. */
export function removeIngress(app: Controller, { cluster, exposure }: ExposeLine): void {
  const { engine } = app;
  const { namespace, name } = exposure;
  const make = async () => {
    const survey = await surveyCluster(engine, app.work.named([cluster.name])[0] ?? cluster, {});
    return (await planIngressDelete(engine, survey, { namespace, name }, {})).plan;
  };
  const what = sanitise(`delete Ingress ${namespace}/${name}`);
  const buttons = { label: 'Delete', back: 'Cancel', destructive: true };
  app.plans.ask({ what, meanwhile: 'asking Kubernetes', make, again: make, ...buttons });
}

/** The port dialog with everything filled in, at its preview. */
async function addPort(
  app: Controller,
  name: string,
  { listener, protocol, hostPort }: { listener: number; protocol: string; hostPort: number },
) {
  const [cluster] = app.work.named([name]);
  if (!cluster) return;
  try {
    const owners = await app.ports.portOwners(cluster, [], new AbortController().signal);
    const isFree = (port: number) => {
      const wanted = { hostIP: '', port, protocol };
      return owners.owner(wanted) === undefined && owners.stopped(wanted).length === 0;
    };
    let port = hostPort;
    while (!isFree(port) && port < 65_535) port++;
    const draft = {
      ...EMPTY_DRAFT,
      target: fieldOf(String(listener)),
      hostPort: fieldOf(String(port)),
      protocol: protocol === 'udp' ? ('udp' as const) : protocol === 'sctp' ? ('sctp' as const) : ('tcp' as const),
      filters: 'loadbalancer',
      typed: true,
    };
    app.openDialog({ name: 'port', what: { kind: 'add', cluster: name, draft } });
  } catch (error) {
    app.runner.fail('add a port', error);
  }
}
