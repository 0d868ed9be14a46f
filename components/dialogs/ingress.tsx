import { type ReactNode, useEffect } from 'react';
import type { Engine } from '../../src/engine/engine.ts';
import { checkIngress, type IngressRequest, proposeHost } from '../../src/engine/expose/ingress.ts';
import { type IngressPlan, planIngressCreate } from '../../src/engine/expose/ingress-plan.ts';
import { hostsCommand, isLocalhostName, type Resolution, resolveHere } from '../../src/engine/expose/resolve.ts';
import { type Survey, surveyCluster } from '../../src/engine/expose/survey.ts';
import { isHostName } from '../../src/engine/expose/urls.ts';
import type { Cluster } from '../../src/engine/model.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { sanitise, sanitiseLines } from '../../src/text.ts';
import type { KeyPress } from '../hooks/use-keys.ts';
import { paintYaml } from '../screens/yaml-screen.tsx';
import { type Theme, useTheme } from '../theme.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { editField, type FieldState, fieldOf, selectAll } from '../widgets/field-state.ts';
import { rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { type FormProblem, failureOf, formEnd, problemLines } from './form-lines.ts';
import { planLines } from './plan-lines.ts';
import { changeLines } from './ports/preview-lines.ts';
import { TextDialog } from './text-dialog.tsx';
import { type PlanFormState, usePlanForm } from './use-plan-form.ts';

export interface IngressDialogProps {
  engine: Engine;
  cluster: Cluster;
  service: { namespace: string; name: string; port: number };
  onApply(plan: Plan, again: () => Promise<Plan>): void;
  onCancel(): void;
  screenWidth: number;
  screenHeight: number;
}

interface Values {
  host: FieldState;
  path: FieldState;
  survey?: Survey;
  /** What this machine's resolver says of which name. */
  resolved?: { host: string; answer: Resolution };
}

/** Host, path. */
const ROWS = 2;
const LABEL = 10;
const HINTS = [
  ['Tab', 'next'],
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;
/** A name is asked for once nothing was typed for so long, in milliseconds. */
const TYPED = 300;

/** A host name for a Service, checked as it is typed; then exactly what would be done; then it is, and the URL proven. */
export function IngressDialog(props: IngressDialogProps): ReactNode {
  const theme = useTheme();
  const { engine, cluster, service, screenWidth, screenHeight, onCancel } = props;
  const request = ({ host, path }: Values): IngressRequest => ({
    namespace: service.namespace,
    service: service.name,
    port: service.port,
    host: host.text.trim(),
    path: path.text.trim(),
  });
  const problems = (values: Values) =>
    values.survey ? checkIngress(request(values), values.survey.traffic) : undefined;
  const { state, preview, read, set, fail, back } = usePlanForm<Values, IngressPlan>({
    initial: () => ({ host: selectAll(fieldOf(`${service.name}.localhost`)), path: fieldOf('/') }),
    rows: ROWS,
    edit,
    ready: values => problems(values)?.length === 0,
    plan: (values, signal) => planIngressCreate(engine, values.survey!, request(values), { signal }),
    onCancel,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once; the cluster stays the one asked about
  useEffect(() => {
    const abort = new AbortController();
    surveyCluster(engine, cluster, { signal: abort.signal }).then(
      survey => {
        if (abort.signal.aborted) return;
        const now = read();
        const proposal = proposeHost({ namespace: service.namespace, service: service.name }, survey.traffic);
        const untouched = now.host.text === `${service.name}.localhost`;
        set({ ...now, survey, host: untouched ? selectAll(fieldOf(proposal)) : now.host });
      },
      error => !abort.signal.aborted && fail(error),
    );
    return () => abort.abort();
  }, [engine]);
  const { text: host } = state.values.host;
  const address = addressFor(state.values.survey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read and set are always of the same state
  useEffect(() => {
    if (!isHostName(host)) return undefined;
    const timer = setTimeout(() => {
      void resolveHere(host, address).then(answer => set({ ...read(), resolved: { host, answer } }));
    }, TYPED);
    return () => clearTimeout(timer);
  }, [host, address]);

  if (preview) {
    const asked = request(read());
    const again = async () => {
      const survey = await surveyCluster(engine, cluster, {});
      return (await planIngressCreate(engine, survey, asked, {})).plan;
    };
    return (
      <TextDialog
        title={preview.plan.title}
        lines={(inner, width) => ingressPreview(inner, preview, width)}
        buttons={[
          { label: 'Apply', tone: 'good', press: () => props.onApply(preview.plan, again) },
          { label: 'Back', press: back },
        ]}
        focus={0}
        escape="back"
        onEscape={back}
        tone="accent"
        columns={{ least: 60, most: 110, free: 6 }}
        screenWidth={screenWidth}
        screenHeight={screenHeight}
      />
    );
  }
  const width = Math.min(screenWidth, 78);
  return (
    <Modal
      title={sanitise(`Give ${service.namespace}/${service.name}:${service.port} a host name`)}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      lines={formLines(theme, state, { problems: problems(state.values) ?? [], address, width: width - 4 })}
    />
  );
}

function edit(values: Values, row: number, key: KeyPress): Values | undefined {
  const field = row === 0 ? 'host' : 'path';
  const edited = editField(values[field], key);
  return edited && { ...values, [field]: edited };
}

/** Where a host port of the cluster is reached, as far as that is known yet. */
const addressFor = (survey: Survey | undefined): string => survey?.ground.hostOf('', 0) ?? '127.0.0.1';

/** The URL, the change to the load balancer if there is one, the manifest, and the plan. */
function ingressPreview(theme: Theme, { plan, manifest, url, ports }: IngressPlan, width: number): string[] {
  return [
    `${theme.paint('dim', 'It will be reached at ')}${theme.paint('accent', sanitise(url))}`,
    '',
    ...(ports ? [...changeLines(theme, { plan: { ...plan, warnings: [] }, preview: ports }, width), ''] : []),
    theme.paint('title', 'Ingress'),
    ...sanitiseLines(manifest.trimEnd()).map(line => `  ${paintYaml(theme, line)}`),
    '',
    theme.paint('title', 'Plan'),
    ...planLines(theme, plan, width),
  ];
}

function formLines(
  theme: Theme,
  state: PlanFormState<Values, IngressPlan>,
  { problems, address, width }: { problems: readonly FormProblem[]; address: string; width: number },
): string[] {
  const { host, path, survey } = state.values;
  const row = (at: number, label: string, value: string) => rowHead(theme, state.focus === at, label, LABEL) + value;
  const room = width - LABEL - 4;
  const wrong = problemLines(theme, [...problems, ...failureOf(state)], width);
  const asking = survey === undefined && state.error === undefined;
  return [
    row(0, 'Host name', fieldLine(theme, host, room, state.focus === 0)),
    row(1, 'Path', fieldLine(theme, path, room, state.focus === 1)),
    '',
    ...wrong,
    ...(wrong.length > 0 ? [] : nameLines(theme, state.values, address, width)),
    ...(asking ? [theme.paint('dim', 'asking Kubernetes what there is …')] : []),
    '',
    ...formEnd(theme, state, ROWS, HINTS, width),
  ];
}

/** What this machine makes of the name, and the line that would make it known. */
function nameLines(theme: Theme, { host, resolved }: Values, address: string, width: number): string[] {
  if (resolved === undefined || resolved.host !== host.text)
    return [theme.paint('dim', 'asking this machine for the name …')];
  const { answer } = resolved;
  if (answer.right) return [theme.paint('good', `● this machine knows the name: ${answer.addresses[0]}`)];
  const elsewhere = answer.addresses[0];
  const what =
    elsewhere !== undefined
      ? `! the name leads to ${elsewhere}, not to ${address}: change that, or choose another`
      : isLocalhostName(host.text)
        ? '! browsers know this name, other programs on this machine do not; this line tells them:'
        : '! this machine does not know the name; this line tells it:';
  return [
    ...wrapText(what, width).map(line => theme.paint('warn', line)),
    ...wrapText(hostsCommand(host.text, address, process.platform), width - 2).map(line => `  ${line}`),
  ];
}
