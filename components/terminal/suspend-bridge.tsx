import { useApp } from 'ink';
import { type ReactNode, useEffect } from 'react';
import { stopSelf } from './suspend.ts';

/** How the rest of the app suspends itself; filled in once Ink runs. */
export interface Suspender {
  suspend(): void;
}

/** Lets Ctrl-Z, and a SIGTSTP from outside, stop the app and bring it back whole. */
export function SuspendBridge({ suspender, children }: { suspender: Suspender; children: ReactNode }): ReactNode {
  const { suspendTerminal } = useApp();
  useEffect(() => {
    let stopping = false;
    const suspend = (): void => {
      if (stopping) return;
      stopping = true;
      // Our own listener would swallow the signal that is to stop us.
      process.off('SIGTSTP', suspend);
      void stopSelf(suspendTerminal).finally(() => {
        stopping = false;
        process.on('SIGTSTP', suspend);
      });
    };
    suspender.suspend = suspend;
    process.on('SIGTSTP', suspend);
    return () => {
      process.off('SIGTSTP', suspend);
      suspender.suspend = () => {};
    };
  }, [suspender, suspendTerminal]);
  return children;
}
