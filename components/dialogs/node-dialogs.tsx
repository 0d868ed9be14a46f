import type { ReactNode } from 'react';
import { drains } from '../keys/node-keys.ts';
import { AddNode } from './add-node.tsx';
import { asks, Confirm } from './confirm.tsx';
import type { DialogProps } from './dialog-props.ts';
import { Gone } from './gone.tsx';

export type NodeDialogName = 'add-node' | 'node-stop' | 'node-restart' | 'node-delete';

/** The dialogs about nodes. */
export function NodeDialogs(props: DialogProps<NodeDialogName>): ReactNode {
  const { app, dialog, done, onCancel, screenWidth, screenHeight } = props;
  const frame = { screenWidth, screenHeight, onCancel };
  // What went while it is asked about is asked about no more.
  const about = 'nodes' in dialog ? dialog.nodes : [];
  const nodes = app.nodes.named(about);
  const names = nodes.map(({ name }) => name);
  if (about.length > 0 && names.length === 0) return <Gone app={app} what="node" name={about.join(', ')} />;
  switch (dialog.name) {
    case 'add-node': {
      const [cluster] = app.work.named([dialog.cluster]);
      if (cluster === undefined) return <Gone app={app} what="cluster" name={dialog.cluster} />;
      return (
        <AddNode
          {...frame}
          engine={app.engine}
          cluster={cluster}
          plan={(...asked) => app.nodes.planAdd(...asked)}
          onApply={(plan, request) => done(() => app.nodes.add(plan, cluster.name, request))}
        />
      );
    }
    case 'node-stop':
      return (
        <Confirm
          {...frame}
          {...asks('Stop', 'node', names)}
          message="What runs in it is interrupted; nothing is lost. Shift-R starts it again.  y stops, n does not."
          destructive={false}
          onConfirm={() => done(() => app.nodes.stop(names))}
        />
      );
    case 'node-restart':
      return (
        <Confirm
          {...frame}
          {...asks('Restart', 'node', names)}
          message="What runs in it is interrupted until it is ready again.  y restarts, n does not."
          destructive={false}
          onConfirm={() => done(() => app.nodes.restart(names))}
        />
      );
    case 'node-delete': {
      const lost =
        'Everything kept in it is lost. The load balancer leads no port to it any more, and Kubernetes forgets it.';
      const moved = ' Its pods are drained first: they end, and come up on other nodes.';
      return (
        <Confirm
          {...frame}
          {...asks('Delete', 'node', names)}
          message={lost + (drains(nodes) ? moved : '')}
          onConfirm={() => done(() => app.nodes.delete(names))}
        />
      );
    }
  }
}
