import { useApp } from 'ink';
import { type ReactNode, useEffect } from 'react';
import { stepAside, stopSelf } from './suspend.ts';

/** How the rest of the app suspends itself; filled in once Ink runs. */
export interface Suspender {
  suspend(): void;
  /** Gives the terminal away while the work lasts. */
  aside<Result>(work: () => Promise<Result>): Promise<Result>;
}

export interface SuspendBridgeProps {
  suspender: Suspender;
  /** The mouse is ours while the app runs. */
  mouse: boolean;
  children: ReactNode;
}

/** Lets Ctrl-Z, and a SIGTSTP from outside, stop the app and bring it back whole. */
export function SuspendBridge({ suspender, mouse, children }: SuspendBridgeProps): ReactNode {
  const { suspendTerminal } = useApp();
  useEffect(() => {
    let stopping = false;
    const suspend = (): void => {
      if (stopping) return;
      stopping = true;
      // Our own listener would swallow the signal that is to stop us.
      process.off('SIGTSTP', suspend);
      void stopSelf(suspendTerminal, mouse).finally(() => {
        stopping = false;
        process.on('SIGTSTP', suspend);
      });
    };
    suspender.suspend = suspend;
    suspender.aside = work => stepAside(suspendTerminal, mouse, work);
    process.on('SIGTSTP', suspend);
    return () => {
      process.off('SIGTSTP', suspend);
      suspender.suspend = () => {};
      suspender.aside = work => work();
    };
  }, [suspender, mouse, suspendTerminal]);
  return children;
}
