import { useApp } from 'ink';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Engine } from '../src/engine/engine.ts';
import { type K3duiError, toK3duiError } from '../src/errors.ts';
import { App } from './app.tsx';
import { Controller } from './controller.ts';
import { engineActions } from './engine-actions.ts';
import { NoEngine } from './screens/no-engine.tsx';
import { INITIAL, reduce } from './state/app-state.ts';
import { Store } from './state/store.ts';

export interface SessionProps {
  connect(): Promise<Engine>;
  startDemo(): Promise<Engine>;
  demo: boolean;
  /** Told which engine is in use, so that it can be closed and what runs on it be ended. */
  onEngine(engine: Engine): void;
  suspend(): void;
  copy(text: string): Promise<string>;
}

type Phase = { name: 'connecting' } | { name: 'failed'; error: K3duiError } | { name: 'ready'; engine: Engine };

/** While no engine answers it is asked again this often. */
const RETRY_MILLISECONDS = 3000;

/** From the start of the app to an engine: connecting, none there, there. */
export function Session(props: SessionProps): ReactNode {
  const { connect, startDemo, demo, onEngine, suspend, copy } = props;
  const { exit } = useApp();
  const [phase, setPhase] = useState<Phase>({ name: 'connecting' });
  const open = useRef(true);
  const attempt = useCallback(
    async (begin: () => Promise<Engine>) => {
      try {
        const engine = await begin();
        if (!open.current) return engine.close();
        open.current = false;
        onEngine(engine);
        setPhase({ name: 'ready', engine });
      } catch (thrown) {
        if (open.current) setPhase({ name: 'failed', error: toK3duiError(thrown) });
      }
    },
    [onEngine],
  );
  useEffect(() => {
    void attempt(demo ? startDemo : connect);
  }, [attempt, demo, startDemo, connect]);
  useEffect(() => {
    if (phase.name !== 'failed' || demo) return;
    const timer = setTimeout(() => void attempt(connect), RETRY_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [phase, attempt, connect, demo]);

  const engine = phase.name === 'ready' ? phase.engine : undefined;
  const app = useMemo(() => {
    if (engine === undefined) return undefined;
    const store = new Store(INITIAL, reduce);
    return new Controller({ engine, store, actions: engineActions(engine), quit: () => exit(), suspend, copy });
  }, [engine, exit, suspend, copy]);
  if (app) return <App app={app} />;
  return (
    <NoEngine
      error={phase.name === 'failed' ? phase.error : undefined}
      onRetry={() => void attempt(demo ? startDemo : connect)}
      onDemo={() => {
        setPhase({ name: 'connecting' });
        void attempt(startDemo);
      }}
      onQuit={() => exit()}
    />
  );
}
