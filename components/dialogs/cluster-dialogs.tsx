import type { ReactNode } from 'react';
import type { Cluster } from '../../src/engine/model.ts';
import { ApplyLeft } from './apply-left.tsx';
import { CloneCluster } from './clone-cluster.tsx';
import { asks, Confirm, type ConfirmGroup } from './confirm.tsx';
import { CreateClusterDialog } from './create-cluster-dialog.tsx';
import type { DialogProps } from './dialog-props.ts';
import { Gone } from './gone.tsx';
import { Kubeconfig } from './kubeconfig.tsx';

export type ClusterDialogName = 'create' | 'clone' | 'apply-left' | 'stop' | 'restart' | 'delete' | 'kubeconfig';

/** The dialogs about clusters as a whole. */
export function ClusterDialogs(props: DialogProps<ClusterDialogName>): ReactNode {
  const { app, dialog, done, onCancel, screenWidth, screenHeight } = props;
  const frame = { screenWidth, screenHeight, onCancel };
  // What went while it is asked about is asked about no more.
  const about = 'clusters' in dialog ? dialog.clusters : [];
  const clusters = app.work.named(about);
  const names = clusters.map(({ name }) => name);
  if (about.length > 0 && names.length === 0) return <Gone app={app} what="cluster" name={about.join(', ')} />;
  switch (dialog.name) {
    case 'create':
      return (
        <CreateClusterDialog
          {...frame}
          engine={app.engine}
          replaced={dialog.replaced}
          onApply={(plan, spec) => done(() => app.work.createAsked(plan, spec, dialog.replaced))}
        />
      );
    case 'clone': {
      const [cluster] = app.work.named([dialog.cluster]);
      if (cluster === undefined) return <Gone app={app} what="cluster" name={dialog.cluster} />;
      return (
        <CloneCluster
          {...frame}
          cluster={cluster}
          taken={app.snapshot.clusters.map(({ name }) => name)}
          plan={(name, options, signal) => app.files.planClone(cluster, name, options, signal)}
          onApply={planned => done(() => app.files.clone(planned))}
        />
      );
    }
    case 'apply-left': {
      const { file, plan, again, left } = dialog;
      return (
        <ApplyLeft
          {...frame}
          cluster={plan.cluster ?? ''}
          plan={plan}
          left={left}
          onRest={() => app.openDialog({ name: 'plan', plan, again, label: 'Apply', destructive: false })}
          onRecreate={() => done(() => app.files.apply(file, true))}
        />
      );
    }
    case 'stop':
      return (
        <Confirm
          {...frame}
          {...asks('Stop', 'cluster', names)}
          message="What runs in it is interrupted; nothing is lost. Shift-R starts it again.  y stops, n does not."
          destructive={false}
          onConfirm={() => done(() => app.work.stop(names))}
        />
      );
    case 'restart':
      return (
        <Confirm
          {...frame}
          {...asks('Restart', 'cluster', names)}
          message="What runs in it is interrupted until its API answers again; nothing is lost.  y restarts, n does not."
          destructive={false}
          onConfirm={() => done(() => app.work.restart(names))}
        />
      );
    case 'delete':
      return (
        <Confirm
          {...frame}
          {...asks('Delete', 'cluster', names)}
          message="Everything in it is lost: workloads, volumes in the nodes, its kubeconfig entry."
          groups={deletedParts(clusters)}
          onConfirm={() => done(() => app.work.delete(names))}
        />
      );
    case 'kubeconfig':
      return (
        <Kubeconfig
          {...frame}
          clusters={names}
          defaultFile={dialog.files.merged}
          proposedFile={dialog.files.own}
          onPick={choice => done(() => app.work.kubeconfig(clusters, choice))}
        />
      );
  }
}

/** Names of what a delete removes, by kind. */
function deletedParts(clusters: readonly Cluster[]): ConfirmGroup[] {
  return [
    {
      title: 'Nodes',
      items: clusters
        .flatMap(cluster => [
          ...cluster.servers,
          ...cluster.agents,
          ...(cluster.loadBalancer ? [cluster.loadBalancer] : []),
          ...cluster.others,
        ])
        .map(node => node.name),
    },
    {
      title: 'Networks',
      items: clusters.flatMap(({ network }) => (network && !network.external ? [network.name] : [])),
    },
    { title: 'Volumes', items: clusters.flatMap(({ volumes }) => volumes) },
  ];
}
