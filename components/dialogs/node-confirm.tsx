import type { ReactNode } from 'react';
import type { Controller } from '../controller.ts';
import { drains } from '../keys/node-keys.ts';
import { Confirm } from './confirm.tsx';

export interface NodeConfirmProps {
  app: Controller;
  dialog: { name: 'node-stop' | 'node-restart' | 'node-delete'; nodes: string[] };
  /** Closes the dialog, then acts. */
  then: (act: () => void) => () => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

const VERBS = { 'node-stop': 'Stop', 'node-restart': 'Restart', 'node-delete': 'Delete' } as const;

/** Asks before nodes are stopped, restarted or deleted, and says what comes of it. */
export function NodeConfirm({ app, dialog, then, onCancel, ...screen }: NodeConfirmProps): ReactNode {
  const verb = VERBS[dialog.name];
  const nodes = app.nodes.named(dialog.nodes);
  const lost =
    'Everything kept in it is lost. The load balancer leads no port to it any more, and Kubernetes forgets it.';
  const moved = drains(nodes) ? ' Its pods are drained first: they end, and come up on other nodes.' : '';
  const message = {
    'node-stop': 'What runs in it is interrupted; nothing is lost. Shift-R starts it again.  y stops, n does not.',
    'node-restart': 'What runs in it is interrupted until it is ready again.  y restarts, n does not.',
    'node-delete': lost + moved,
  }[dialog.name];
  const act = () => {
    if (dialog.name === 'node-stop') app.nodes.stop(dialog.nodes);
    else if (dialog.name === 'node-restart') app.nodes.restart(dialog.nodes);
    else app.nodes.delete(dialog.nodes);
  };
  return (
    <Confirm
      {...screen}
      title={`${verb} ${dialog.nodes.length === 1 ? `node ${dialog.nodes[0]}` : `${dialog.nodes.length} nodes`}?`}
      message={message}
      groups={[{ title: 'Nodes', items: dialog.nodes }]}
      confirmLabel={verb}
      destructive={dialog.name === 'node-delete'}
      onConfirm={then(act)}
      onCancel={onCancel}
    />
  );
}
