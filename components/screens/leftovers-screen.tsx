import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { type BodyProps, ListScreen } from './list-screen.tsx';

/** What k3d and k3dui made and nothing needs any more. */
export function LeftoversScreen(props: BodyProps): ReactNode {
  const { leftovers, snapshot } = props.app;
  useSyncExternalStore(leftovers.subscribe, () => leftovers.view);
  const live = snapshot.link === 'live';
  // biome-ignore lint/correctness/useExhaustiveDependencies: clusters come and go, and with them what is left of them
  useEffect(() => {
    if (live) leftovers.look();
  }, [leftovers, live, snapshot.revision]);
  useEffect(() => () => leftovers.hide(), [leftovers]);
  return <ListScreen {...props} />;
}
