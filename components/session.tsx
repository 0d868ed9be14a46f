import { useApp } from 'ink';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Settings } from '../src/config/settings/schema.ts';
import type { Engine } from '../src/engine/engine.ts';
import { type K3duiError, toK3duiError } from '../src/errors.ts';
import { NoEngine } from './screens/no-engine.tsx';
import type { Voice } from './spoken/voice.ts';

export interface SessionProps {
  /** Connects to what was asked for, or to the engine of a Docker context. */
  connect(context?: string): Promise<Engine>;
  startDemo(): Promise<Engine>;
  demo: boolean;
  settings: Settings;
  settingsPath: string;
  /** Told which engine is in use, so that it can be closed and what runs on it be ended. */
  onEngine(engine: Engine): void;
  suspend(): void;
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
  copy(text: string): Promise<string>;
  /** Present when the screen is read out. */
  voice?: Voice;
}

type Phase = { name: 'connecting' } | { name: 'failed'; error: K3duiError } | { name: 'ready'; app: ReactNode };

/** While no engine answers it is asked again this often. */
const RETRY_MILLISECONDS = 3000;

/** From the start of the app to an engine: connecting, none there, there; and from one engine to another. */
export function Session(props: SessionProps): ReactNode {
  const { connect, startDemo, demo, settings, settingsPath, onEngine, suspend, aside, copy, voice } = props;
  const { exit } = useApp();
  const [phase, setPhase] = useState<Phase>({ name: 'connecting' });
  const waiting = useRef(true);
  const count = useRef(0);
  const attempt = useCallback(
    async (begin: () => Promise<Engine>) => {
      // Loaded while the engine is being asked, after the first frame.
      const [engine, { createApp }] = await Promise.all([begin(), import('./create-app.tsx')]);
      if (!waiting.current) return engine.close();
      waiting.current = false;
      onEngine(engine);
      const switchTo = async (context: string) => {
        waiting.current = true;
        await attempt(() => connect(context)).finally(() => {
          waiting.current = false;
        });
        engine.close();
      };
      const quit = () => exit();
      const options = { engine, settings, settingsPath, switchTo, quit, suspend, aside, copy, voice };
      setPhase({ name: 'ready', app: createApp({ ...options, key: String(count.current++) }) });
    },
    [connect, settings, settingsPath, onEngine, exit, suspend, aside, copy, voice],
  );
  const begin = demo ? startDemo : connect;
  const first = useCallback(
    (how: () => Promise<Engine>) => {
      void attempt(how).catch(thrown => {
        if (waiting.current) setPhase({ name: 'failed', error: toK3duiError(thrown) });
      });
    },
    [attempt],
  );
  // Once, whatever is rendered again: a second attempt would open a second engine.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    first(() => begin());
  }, [first, begin]);
  useEffect(() => {
    if (phase.name !== 'failed' || demo) return;
    const timer = setTimeout(() => first(() => connect()), RETRY_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [phase, first, connect, demo]);

  if (phase.name === 'ready') return phase.app;
  return (
    <NoEngine
      error={phase.name === 'failed' ? phase.error : undefined}
      onRetry={() => first(() => begin())}
      onDemo={() => {
        setPhase({ name: 'connecting' });
        first(startDemo);
      }}
      onQuit={() => exit()}
    />
  );
}
