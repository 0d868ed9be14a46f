import type { ReadStream, WriteStream } from 'node:tty';
import { render } from 'ink';
import { DEFAULT_SETTINGS, type Settings } from '../src/config/settings/schema.ts';
import type { Engine } from '../src/engine/engine.ts';
import { sanitiseLines } from '../src/text.ts';
import { KeyProvider } from './hooks/use-keys.ts';
import { Session } from './session.tsx';
import { Voice } from './spoken/voice.ts';
import { VoiceContext } from './spoken/voice-context.ts';
import { copyText } from './terminal/clipboard.ts';
import { frameStdout } from './terminal/frame-stdout.ts';
import { guardTerminal } from './terminal/guard.ts';
import { RowStore } from './terminal/row-store.ts';
import { silentStdout } from './terminal/silent-stdout.ts';
import { SuspendBridge, type Suspender } from './terminal/suspend-bridge.tsx';
import { MOUSE_ON, TtyStdin } from './terminal/tty-stdin.ts';
import { createTheme, ThemeContext } from './theme.ts';
import { RowMarksContext } from './widgets/rows.tsx';

export interface AppOptions {
  /** Connects to the engine of that Docker context, else to the one that was asked for. Rejects when none answers. */
  connect(context?: string): Promise<Engine>;
  /** Starts the demo engine and connects to it. */
  startDemo(): Promise<Engine>;
  /** Begin with the demo engine. */
  demo: boolean;
  version: string;
  env: NodeJS.ProcessEnv;
  /** Default: as when nothing is set. */
  settings?: Settings;
  /** Where the settings are from, for what is wrong with them. */
  settingsPath?: string;
  stdin?: ReadStream;
  stdout?: WriteStream;
}

/**
 * Runs the app until the person leaves; resolves with the exit code once the terminal is as it was. An error that
 * nobody caught is printed after that.
 */
export async function startApp(options: AppOptions): Promise<number> {
  const { env, settings = DEFAULT_SETTINGS, stdin = process.stdin, stdout = process.stdout } = options;
  const spoken = settings.screenReader;
  // What is read out moves no cursor.
  const dumb = env.TERM === 'dumb' && !spoken;
  if (!stdin.isTTY || !stdout.isTTY || dumb) {
    process.stderr.write(
      `k3dui's screen needs a terminal${dumb ? ' that can move its cursor (TERM is dumb); k3dui --screen-reader does not' : ''}. ` +
        'Everything can be done without one too: try k3dui cluster list, or k3dui --help\n',
    );
    return 1;
  }
  const input = new TtyStdin(stdin);
  const engines: Engine[] = [];
  const suspender: Suspender = { suspend: () => {}, aside: work => work() };
  const write = (data: string): void => void stdout.write(data);
  const theme = createTheme(env, settings.theme, spoken);
  const rows = new RowStore();
  const voice = spoken ? new Voice(write) : undefined;
  // Its reports would take the terminal's own selecting of text away.
  const mouse = settings.mouse && !spoken;
  const guard = guardTerminal(stdin, stdout, !spoken);
  const app = render(
    <ThemeContext.Provider value={theme}>
      <VoiceContext.Provider value={voice}>
        <RowMarksContext.Provider value={rows}>
          <SuspendBridge suspender={suspender} mouse={mouse}>
            <KeyProvider mouse={input}>
              <Session
                connect={context => options.connect(context)}
                startDemo={() => options.startDemo()}
                demo={options.demo}
                onEngine={engine => engines.push(engine)}
                settings={settings}
                settingsPath={options.settingsPath ?? 'settings'}
                suspend={() => suspender.suspend()}
                aside={work => suspender.aside(work)}
                copy={text => copyText(text, env, write)}
                voice={voice}
              />
            </KeyProvider>
          </SuspendBridge>
        </RowMarksContext.Provider>
      </VoiceContext.Provider>
    </ThemeContext.Provider>,
    {
      stdin: input as unknown as NodeJS.ReadStream,
      stdout: spoken ? silentStdout(stdout) : frameStdout(stdout, row => rows.resolve(row)),
      interactive: true,
      alternateScreen: !spoken,
      // INK_SCREEN_READER would make Ink write in its own way, which neither of the two can take.
      isScreenReaderEnabled: false,
      incrementalRendering: false,
      maxFps: 60,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  if (mouse) write(MOUSE_ON);
  guard.onEnd(() => app.unmount());
  let failure: unknown;
  try {
    await app.waitUntilExit();
  } catch (error) {
    failure = error;
  }
  voice?.close();
  const ended = guard.release();
  input.release();
  failure ??= ended.error;
  await endOperations(engines);
  for (const engine of engines) engine.close();
  if (failure !== undefined) {
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    process.stderr.write(`k3dui stopped because of an error of its own:\n${sanitiseLines(text).join('\n')}\n`);
  }
  const code = failure === undefined ? ended.code : 1;
  process.exitCode = code;
  return code;
}

/** What still runs when the app is ended from outside is cancelled, and undone. */
async function endOperations(engines: readonly Engine[]): Promise<void> {
  const running = engines.flatMap(({ operations }) => operations.operations.filter(one => one.endedAt === undefined));
  if (running.length === 0) return;
  process.stderr.write(`undoing what was begun: ${running.map(one => sanitiseLines(one.title)[0]).join(', ')} …\n`);
  for (const operation of running) operation.cancel();
  await Promise.allSettled(running.map(operation => operation.finished));
}
