import { Box, Text } from 'ink';
import { type ReactNode, useCallback, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { click } from './cursor.ts';
import { Dialogs } from './dialogs.tsx';
import { errorText } from './error-text.ts';
import { Header } from './header.tsx';
import { useExpose } from './hooks/use-expose.ts';
import { type KeyPress, useKeys } from './hooks/use-keys.ts';
import { useLiveNodes } from './hooks/use-live-nodes.ts';
import { ageStep, useNow } from './hooks/use-now.ts';
import { useSize } from './hooks/use-size.ts';
import { REGISTRY_SCREENS } from './keys/registry-keys.ts';
import { ClusterScreen } from './screens/cluster-screen.tsx';
import { DiffScreen } from './screens/diff-screen.tsx';
import { DoctorScreen } from './screens/doctor-screen.tsx';
import { ExportScreen } from './screens/export-screen.tsx';
import { ExposeScreen, ExposureScreen } from './screens/expose-screen.tsx';
import { ImagesScreen } from './screens/images-screen.tsx';
import { LeftoversScreen } from './screens/leftovers-screen.tsx';
import { type BodyProps, ListScreen } from './screens/list-screen.tsx';
import { LISTS } from './screens/lists.ts';
import { LogScreen } from './screens/log-screen.tsx';
import { NodeScreen } from './screens/node-screen.tsx';
import { OperationScreen } from './screens/operation-screen.tsx';
import { PortsFilesScreen } from './screens/ports-files-screen.tsx';
import { PortsScreen } from './screens/ports-screen.tsx';
import { RegistryScreen } from './screens/registry-screen.tsx';
import { YamlScreen } from './screens/yaml-screen.tsx';
import { useSpokenOperations } from './spoken/operations.ts';
import { completions } from './state/commands.ts';
import { promptKey } from './state/prompt.ts';
import { throttled } from './state/store.ts';
import { PromptLine, type ShownStatus, SpokenStatus, statusRows } from './status-line.tsx';
import { useTheme } from './theme.ts';
import { runTyped } from './typed-command.ts';
import { RowMarksContext, Rows } from './widgets/rows.tsx';

/** At most this often does the engine's news reach the screen. */
const FLUSH_MILLISECONDS = 33;
/** The smallest screen that anything is drawn on. */
const LEAST = { width: 40, height: 10 };

/** The frame around every screen, with an engine behind it. */
export function App({ app }: { app: Controller }): ReactNode {
  const size = useSize();
  // Too small for anything but saying so; what is open goes on as it is, and is there again when it grows.
  const tooSmall = size.width < LEAST.width || size.height < LEAST.height;
  const { width, height } = tooSmall ? LEAST : size;
  const state = useSyncExternalStore(app.store.subscribe, app.store.getState);
  const { inventory, operations } = app.engine;
  const snapshot = useSyncExternalStore(
    useMemo(() => throttled(listener => inventory.subscribe(listener), FLUSH_MILLISECONDS), [inventory]),
    () => inventory.snapshot,
  );
  useSyncExternalStore(
    useMemo(() => throttled(listener => operations.subscribe(listener), FLUSH_MILLISECONDS), [operations]),
    () => operations.revision,
  );
  useLiveNodes(app);
  useSpokenOperations(app);
  useExpose(app);
  const marks = useContext(RowMarksContext);
  const { place } = app;
  const running = app.running.length > 0;
  const ages = snapshot.clusters.length > 0 || operations.operations.length > 0;
  const newest = useMemo(() => snapshot.nodes.reduce((last, { created }) => Math.max(last, created), 0), [snapshot]);
  const step = ageStep(newest, Date.now());
  const now = useNow(running ? (place.screen === 'operation' ? 200 : 1000) : ages ? step : undefined);
  // Ages in tables move on in whole steps, so that a second's tick of a running operation does not redo 2,000 rows.
  const tableNow = place.screen === 'operations' ? now : Math.max(app.now, now - (now % step));
  app.now = tableNow;

  useEffect(() => void app.work.readContext(), [app]);
  useKeys(
    true,
    useCallback(key => onKey(app, key), [app]),
  );

  const top = state.fullScreen ? 0 : 2;
  const theme = useTheme();
  const statusLines = state.prompt ? [''] : statusRows(theme, statusNow(app), width);
  const bodyHeight = Math.max(0, height - top - statusLines.length);
  const faint = snapshot.link !== 'live';
  const body: BodyProps = { app, place, now: tableNow, top, width, height: bodyHeight, faint };
  return (
    <RowMarksContext.Provider value={state.dialog || tooSmall ? undefined : marks}>
      {tooSmall ? <Text>k3dui needs 40×10 at least; this is {`${size.width}×${size.height}`}.</Text> : null}
      <Box display={tooSmall ? 'none' : 'flex'} width={width} height={height} flexDirection="column">
        {state.fullScreen ? null : <Header app={app} now={now} width={width} />}
        <Body {...body} wallClock={now} />
        {state.prompt ? (
          <PromptLine prompt={state.prompt} completions={complete(app, state.prompt.typed)} width={width} />
        ) : null}
        <StatusLine app={app} rows={statusLines} />
        {state.dialog ? <Dialogs app={app} dialog={state.dialog} width={width} height={height} /> : null}
      </Box>
    </RowMarksContext.Provider>
  );
}

function StatusLine({ app, rows }: { app: Controller; rows: readonly string[] }): ReactNode {
  const theme = useTheme();
  // What is wrong with a row is read out with the row.
  if (theme.spoken) return <SpokenStatus status={lostStatus(app) ?? app.state.status} />;
  if (app.state.prompt) return null;
  return <Rows rows={rows} />;
}

function Body({ wallClock, ...props }: BodyProps & { wallClock: number }): ReactNode {
  if (props.place.screen === 'ports') return <PortsScreen {...props} />;
  if (props.place.screen === 'loadbalancer') return <PortsFilesScreen {...props} />;
  if (props.place.screen === 'expose') return <ExposeScreen {...props} />;
  if (props.place.screen === 'exposure') return <ExposureScreen {...props} />;
  if (props.place.screen === 'images') return <ImagesScreen {...props} />;
  if (props.place.screen === 'doctor') return <DoctorScreen {...props} />;
  if (props.place.screen === 'leftovers') return <LeftoversScreen {...props} />;
  if (REGISTRY_SCREENS.includes(props.place.screen)) return <RegistryScreen {...props} />;
  if (props.place.screen === 'logs') return <LogScreen key={props.place.subject} {...props} />;
  if (props.place.screen === 'export') return <ExportScreen {...props} />;
  if (props.place.screen === 'diff') return <DiffScreen {...props} />;
  if (LISTS[props.place.screen]) return <ListScreen {...props} />;
  if (props.place.screen === 'node') return <NodeScreen {...props} />;
  if (props.place.screen === 'cluster') return <ClusterScreen {...props} />;
  if (props.place.screen === 'operation') return <OperationScreen {...props} now={wallClock} />;
  return <YamlScreen {...props} />;
}

/** While the engine is away that is said, but why a key did nothing comes first: the header says it as well. */
function statusNow(app: Controller): ShownStatus | undefined {
  const { status } = app.state;
  return status?.tone === 'warn' ? status : (lostStatus(app) ?? status ?? rowStatus(app));
}

function lostStatus(app: Controller) {
  const { link, linkError, linkHint } = app.snapshot;
  if (link === 'connecting') return { tone: 'plain' as const, text: 'reading what is there …' };
  if (link !== 'lost') return undefined;
  const why = linkError ? `: ${errorText({ message: linkError, hint: linkHint })}` : '';
  return { tone: 'bad' as const, text: `engine lost, trying again${why}` };
}

/** What is wrong with the selected row, or what it is; its columns may be cut. */
function rowStatus(app: Controller): ShownStatus | undefined {
  const row = app.selectedRow();
  const list = LISTS[app.place.screen];
  if (row === undefined || list === undefined) return undefined;
  const fault = list.fault?.(row) ?? '';
  if (fault !== '') return { tone: 'bad', text: sanitise(fault), oneRow: true };
  const whole = list.whole?.(row) ?? '';
  return whole === '' ? undefined : { tone: 'plain', text: sanitise(whole), oneRow: true };
}

const complete = (app: Controller, typed: string): string[] =>
  completions(
    typed,
    app.snapshot.clusters.map(({ name }) => name),
    app.snapshot.nodes.map(({ name }) => name),
  );

const WALKING = ['up', 'down', 'pageup', 'pagedown', 'wheel-up', 'wheel-down', 'click'];

/** Esc and a letter that arrive at once look like the letter with Alt: where that does nothing it was the two. */
function pressed(app: Controller, name: string): void {
  if (app.press(name)) return;
  const [, letter] = /^alt-(.)$/.exec(name) ?? [];
  if (letter === undefined) return;
  app.press('escape');
  app.press(letter);
}

/** A key that no dialog took. */
function onKey(app: Controller, key: KeyPress): void {
  const { prompt, history } = app.state;
  app.touched = Date.now();
  app.forgetStatus();
  // While a filter is typed the list can be walked through already.
  if (prompt === undefined || (prompt.kind === 'filter' && WALKING.includes(key.name))) {
    if (key.name === 'click') click(app, key.x ?? 0, key.y ?? 0, app.touched);
    else pressed(app, key.name);
    return;
  }
  const step = promptKey(prompt, key, prompt.kind === 'command' ? history : [], typed => {
    return prompt.kind === 'command' ? complete(app, typed) : [];
  });
  const filter = (text: string) => app.changeList(list => (list.filter === text ? list : { ...list, filter: text }));
  if (step.kind === 'edited') {
    app.store.dispatch({ type: 'prompt', prompt: step.prompt });
    if (prompt.kind === 'filter') filter(step.prompt.field.text);
    else app.logs.typed(prompt.kind, step.prompt.field.text, false);
    return;
  }
  app.store.dispatch({ type: 'prompt', prompt: undefined });
  if (prompt.kind === 'filter') filter(step.kind === 'accepted' ? step.text : '');
  else if (prompt.kind === 'save-export') app.files.typed(step.kind === 'accepted' ? step.text : undefined);
  else if (prompt.kind !== 'command')
    app.logs.typed(prompt.kind, step.kind === 'accepted' ? step.text : undefined, true);
  else if (step.kind === 'accepted') runTyped(app, step.text);
}
