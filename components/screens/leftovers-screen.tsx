import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { type BodyProps, ListScreen } from './list-screen.tsx';

/** What k3d and k3dui made and nothing needs any more. */
export function LeftoversScreen(props: BodyProps): ReactNode {
  const { doctor, snapshot } = props.app;
  useSyncExternalStore(doctor.subscribe, () => doctor.leftovers);
  const live = snapshot.link === 'live';
  // biome-ignore lint/correctness/useExhaustiveDependencies: clusters come and go, and with them what is left of them
  useEffect(() => {
    if (live) doctor.look();
  }, [doctor, live, snapshot.revision]);
  useEffect(() => () => doctor.hide(), [doctor]);
  return <ListScreen {...props} />;
}
