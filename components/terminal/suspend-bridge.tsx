import { useApp } from 'ink';
import { type ReactNode, useEffect } from 'react';
import { stepAside, stopSelf } from './suspend.ts';

/** How the rest of the app suspends itself; filled in once Ink runs. */
export interface Suspender {
  suspend(): void;
  /** Gives the terminal away while the work lasts. */
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
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
    suspender.aside = work => stepAside(suspendTerminal, work);
    process.on('SIGTSTP', suspend);
    return () => {
      process.off('SIGTSTP', suspend);
      suspender.suspend = () => {};
      suspender.aside = work => work();
    };
  }, [suspender, suspendTerminal]);
  return children;
}
