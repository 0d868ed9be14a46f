import { type ReactNode, useEffect, useRef } from 'react';
import type { Engine } from '../../src/engine/engine.ts';
import { checkIngress, type IngressRequest, proposeHost } from '../../src/engine/expose/ingress.ts';
import { type IngressPlan, planIngressCreate } from '../../src/engine/expose/ingress-plan.ts';
import { hostsCommand, isLocalhostName, type Resolution, resolveHere } from '../../src/engine/expose/resolve.ts';
import { type Survey, surveyCluster } from '../../src/engine/expose/survey.ts';
import { isHostName } from '../../src/engine/expose/urls.ts';
import type { Cluster } from '../../src/engine/model.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { sanitise, sanitiseLines } from '../../src/text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { paintYaml } from '../screens/yaml-screen.tsx';
import { type Theme, useTheme } from '../theme.ts';
import { buttonLine } from '../widgets/buttons.ts';
import { editField, type FieldState, fieldLine, fieldOf, selectAll } from '../widgets/field.tsx';
import { rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { planLines } from './plan-lines.ts';
import { previewLines } from './ports/preview-lines.ts';
import { TextDialog } from './text-dialog.tsx';
import { useLiveState } from './use-live-state.ts';

export interface IngressDialogProps {
  engine: Engine;
  cluster: Cluster;
  service: { namespace: string; name: string; port: number };
  onApply(plan: Plan): void;
  onCancel(): void;
  screenWidth: number;
  screenHeight: number;
}

interface FormState {
  /** Host, path, Preview, Cancel. */
  focus: number;
  host: FieldState;
  path: FieldState;
  stage: 'form' | 'planning' | 'preview';
  survey?: Survey;
  /** What this machine's resolver says of which name. */
  resolved?: { host: string; answer: Resolution };
  planned?: IngressPlan;
  error?: string;
}

const ROWS = 4;
const LABEL = 10;
/** A name is asked for once nothing was typed for so long, in milliseconds. */
const TYPED = 300;

/** A host name for a Service, checked as it is typed; then exactly what would be done; then it is, and the URL proven. */
export function IngressDialog(props: IngressDialogProps): ReactNode {
  const theme = useTheme();
  const { engine, cluster, service, screenWidth, screenHeight, onCancel } = props;
  const [state, read, set] = useLiveState<FormState>(() => ({
    focus: 0,
    host: selectAll(fieldOf(`${service.name}.localhost`)),
    path: fieldOf('/'),
    stage: 'form',
  }));
  const planning = useRef<AbortController>(undefined);
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
      error => !abort.signal.aborted && set({ ...read(), error: said(error) }),
    );
    return () => {
      abort.abort();
      planning.current?.abort();
    };
  }, [engine]);
  const { text: host } = state.host;
  const address = addressFor(state.survey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read and set are always of the same state
  useEffect(() => {
    if (!isHostName(host)) return undefined;
    const timer = setTimeout(() => {
      void resolveHere(host, address).then(answer => set({ ...read(), resolved: { host, answer } }));
    }, TYPED);
    return () => clearTimeout(timer);
  }, [host, address]);

  const request = (now: FormState): IngressRequest => ({
    namespace: service.namespace,
    service: service.name,
    port: service.port,
    host: now.host.text.trim(),
    path: now.path.text.trim(),
  });
  const problems = state.survey ? checkIngress(request(state), state.survey.traffic) : [];

  const goOn = async (): Promise<void> => {
    const { survey } = read();
    if (!survey || checkIngress(request(read()), survey.traffic).length > 0) return;
    const abort = new AbortController();
    planning.current = abort;
    set({ ...read(), stage: 'planning', error: undefined });
    try {
      const planned = await planIngressCreate(engine, survey, request(read()), { signal: abort.signal });
      if (!abort.signal.aborted) set({ ...read(), stage: 'preview', planned });
    } catch (thrown) {
      if (!abort.signal.aborted && !isAbort(thrown)) set({ ...read(), stage: 'form', error: said(thrown) });
    }
  };
  const onKey = (key: KeyPress) => {
    const now = read();
    if (key.name === 'escape' || key.name === 'ctrl-c') {
      if (now.stage !== 'planning') return onCancel();
      planning.current?.abort();
      return set({ ...now, stage: 'form' });
    }
    if (now.stage === 'planning') return;
    if (key.name === 'enter') return now.focus === 3 ? onCancel() : void goOn();
    const by = { tab: 1, down: 1, 'shift-tab': -1, up: -1 }[key.name];
    if (by !== undefined) return set({ ...now, focus: (now.focus + by + ROWS) % ROWS });
    if (now.focus >= 2 && (key.name === 'left' || key.name === 'right'))
      return set({ ...now, focus: now.focus === 2 ? 3 : 2 });
    const field = now.focus === 0 ? 'host' : now.focus === 1 ? 'path' : undefined;
    const edited = field && editField(now[field], key);
    if (field && edited) set({ ...now, [field]: edited, error: undefined });
  };
  useKeys(state.stage !== 'preview', onKey);

  const { planned } = state;
  if (state.stage === 'preview' && planned) {
    return (
      <TextDialog
        title={sanitise(planned.plan.title)}
        lines={(inner, width) => ingressPreview(inner, planned, width)}
        buttons={[
          { label: 'Apply', tone: 'good', press: () => props.onApply(planned.plan) },
          { label: 'Back', press: () => set({ ...read(), stage: 'form' }) },
        ]}
        focus={0}
        escape="back"
        onEscape={() => set({ ...read(), stage: 'form' })}
        tone="accent"
        columns={{ least: 60, most: 110, free: 6 }}
        screenWidth={screenWidth}
        screenHeight={screenHeight}
      />
    );
  }
  const width = Math.min(screenWidth, 78);
  const lines = formLines(theme, state, {
    problems: problems.map(({ message, hint }) => (hint ? `${message} · ${hint}` : message)),
    address,
    width: width - 4,
  });
  return (
    <Modal
      title={sanitise(`Give ${service.namespace}/${service.name}:${service.port} a host name`)}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={Math.min(screenHeight, lines.length + 2)}
      lines={lines}
    />
  );
}

function said(thrown: unknown): string {
  const { message, hint } = toK3duiError(thrown);
  return hint ? `${message} · ${hint}` : message;
}

/** Where a host port of the cluster is reached, as far as that is known yet. */
const addressFor = (survey: Survey | undefined): string => survey?.ground.hostOf('', 0) ?? '127.0.0.1';

/** The URL, the change to the load balancer if there is one, the manifest, and the plan. */
export function ingressPreview(theme: Theme, { plan, manifest, url, ports }: IngressPlan, width: number): string[] {
  const port = ports
    ? previewLines(theme, { change: { add: [], remove: [] }, plan: { ...plan, steps: [] }, preview: ports }, width)
    : [];
  // The plan comes once, at the end.
  const cut = port.findIndex(line => line.includes('nginx.conf'));
  return [
    `${theme.paint('dim', 'It will be reached at ')}${theme.paint('accent', sanitise(url))}`,
    '',
    ...(cut < 0 ? port : [...port.slice(0, cut)]),
    theme.paint('title', 'Ingress'),
    ...sanitiseLines(manifest.trimEnd()).map(line => `  ${paintYaml(theme, line)}`),
    '',
    theme.paint('title', 'Plan'),
    ...planLines(theme, plan, width),
  ];
}

function formLines(
  theme: Theme,
  state: FormState,
  { problems, address, width }: { problems: readonly string[]; address: string; width: number },
): string[] {
  const row = (at: number, label: string, value: string) => rowHead(theme, state.focus === at, label, LABEL) + value;
  const room = width - LABEL - 4;
  const wrong = [...problems, ...(state.error ? [state.error] : [])].flatMap(text =>
    wrapText(sanitise(text), width - 2).map((line, at) => theme.paint('bad', `${at > 0 ? ' ' : '✗'} ${line}`)),
  );
  const known = wrong.length > 0 ? [] : nameLines(theme, state, address, width);
  const asked =
    state.survey === undefined && state.error === undefined
      ? [theme.paint('dim', 'asking Kubernetes what there is …')]
      : [];
  return [
    row(0, 'Host name', fieldLine(theme, state.host, room, state.focus === 0)),
    row(1, 'Path', fieldLine(theme, state.path, room, state.focus === 1)),
    '',
    ...wrong,
    ...known,
    ...asked,
    '',
    state.stage === 'planning'
      ? theme.paint('dim', 'working out what is to be done …')
      : buttonLine(theme, [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }], state.focus - 2, width),
    hintLine(
      theme,
      [
        ['Tab', 'next'],
        ['Enter', 'preview'],
        ['Esc', 'cancel'],
      ],
      width,
    ),
  ];
}

/** What this machine makes of the name, and the line that would make it known. */
function nameLines(theme: Theme, { host, resolved }: FormState, address: string, width: number): string[] {
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
