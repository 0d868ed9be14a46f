import { useApp } from 'ink';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Engine } from '../src/engine/engine.ts';
import { type K3duiError, toK3duiError } from '../src/errors.ts';
import { NoEngine } from './screens/no-engine.tsx';

export interface SessionProps {
  connect(): Promise<Engine>;
  startDemo(): Promise<Engine>;
  demo: boolean;
  /** Told which engine is in use, so that it can be closed and what runs on it be ended. */
  onEngine(engine: Engine): void;
  suspend(): void;
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
  copy(text: string): Promise<string>;
}

type Phase = { name: 'connecting' } | { name: 'failed'; error: K3duiError } | { name: 'ready'; app: ReactNode };

/** While no engine answers it is asked again this often. */
const RETRY_MILLISECONDS = 3000;

/** From the start of the app to an engine: connecting, none there, there. */
export function Session({ connect, startDemo, demo, onEngine, suspend, aside, copy }: SessionProps): ReactNode {
  const { exit } = useApp();
  const [phase, setPhase] = useState<Phase>({ name: 'connecting' });
  const waiting = useRef(true);
  const attempt = useCallback(
    async (begin: () => Promise<Engine>) => {
      try {
        // Loaded while the engine is being asked, after the first frame.
        const [engine, { createApp }] = await Promise.all([begin(), import('./create-app.tsx')]);
        if (!waiting.current) return engine.close();
        waiting.current = false;
        onEngine(engine);
        setPhase({ name: 'ready', app: createApp({ engine, quit: () => exit(), suspend, aside, copy }) });
      } catch (thrown) {
        if (waiting.current) setPhase({ name: 'failed', error: toK3duiError(thrown) });
      }
    },
    [onEngine, exit, suspend, aside, copy],
  );
  const begin = demo ? startDemo : connect;
  // Once, whatever is rendered again: a second attempt would open a second engine.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void attempt(begin);
  }, [attempt, begin]);
  useEffect(() => {
    if (phase.name !== 'failed' || demo) return;
    const timer = setTimeout(() => void attempt(connect), RETRY_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [phase, attempt, connect, demo]);

  if (phase.name === 'ready') return phase.app;
  return (
    <NoEngine
      error={phase.name === 'failed' ? phase.error : undefined}
      onRetry={() => void attempt(begin)}
      onDemo={() => {
        setPhase({ name: 'connecting' });
        void attempt(startDemo);
      }}
      onQuit={() => exit()}
    />
  );
}
