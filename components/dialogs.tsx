import type { ReactNode } from 'react';
import type { Cluster } from '../src/engine/model.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { AddNode } from './dialogs/add-node.tsx';
import { ApplyLeft } from './dialogs/apply-left.tsx';
import { CloneCluster } from './dialogs/clone-cluster.tsx';
import { Confirm, type ConfirmGroup } from './dialogs/confirm.tsx';
import { CreateClusterDialog } from './dialogs/create-cluster-dialog.tsx';
import { ImportImages } from './dialogs/import-images.tsx';
import { IngressDialog } from './dialogs/ingress.tsx';
import { Kubeconfig } from './dialogs/kubeconfig.tsx';
import { Menu } from './dialogs/menu.tsx';
import { NodeConfirm } from './dialogs/node-confirm.tsx';
import { PlanPreview } from './dialogs/plan-preview.tsx';
import { PortDialogs } from './dialogs/port-dialog.tsx';
import { PullImage } from './dialogs/pull-image.tsx';
import { Quit } from './dialogs/quit.tsx';
import { RegistryDialogs } from './dialogs/registry-dialogs.tsx';
import { TextDialog } from './dialogs/text-dialog.tsx';
import { leave } from './leaving.ts';
import { paneLines } from './screens/doctor-screen.tsx';
import { nodeLines } from './screens/images-screen.tsx';
import type { DialogState } from './state/app-state.ts';

interface DialogsProps {
  app: Controller;
  dialog: DialogState;
  width: number;
  height: number;
}

/** The dialog that is open. */
export function Dialogs({ app, dialog, width, height }: DialogsProps): ReactNode {
  const screen = { screenWidth: width, screenHeight: height };
  const onCancel = () => app.closeDialog();
  const then = (act: () => void) => () => {
    app.closeDialog();
    act();
  };
  switch (dialog.name) {
    case 'create':
      return (
        <CreateClusterDialog
          {...screen}
          engine={app.engine}
          replaced={dialog.replaced}
          onApply={(plan, spec) => then(() => app.work.createAsked(plan, spec, dialog.replaced))()}
          onCancel={onCancel}
        />
      );
    case 'delete': {
      const clusters = app.work.named(dialog.clusters);
      return (
        <Confirm
          {...screen}
          title={clusters.length === 1 ? `Delete cluster ${clusters[0]!.name}?` : `Delete ${clusters.length} clusters?`}
          message="Everything in it is lost: workloads, volumes in the nodes, its kubeconfig entry."
          groups={deletedParts(clusters)}
          confirmLabel="Delete"
          onConfirm={then(() => app.work.delete(dialog.clusters))}
          onCancel={onCancel}
        />
      );
    }
    case 'stop':
    case 'restart': {
      const verb = dialog.name === 'stop' ? 'Stop' : 'Restart';
      const act = () => (dialog.name === 'stop' ? app.work.stop(dialog.clusters) : app.work.restart(dialog.clusters));
      return (
        <Confirm
          {...screen}
          title={`${verb} ${dialog.clusters.length === 1 ? `cluster ${dialog.clusters[0]}` : `${dialog.clusters.length} clusters`}?`}
          message={
            dialog.name === 'stop'
              ? 'What runs in it is interrupted; nothing is lost. Shift-R starts it again.  y stops, n does not.'
              : 'What runs in it is interrupted until its API answers again; nothing is lost.  y restarts, n does not.'
          }
          groups={[{ title: 'Clusters', items: dialog.clusters }]}
          confirmLabel={verb}
          destructive={false}
          onConfirm={then(act)}
          onCancel={onCancel}
        />
      );
    }
    case 'port':
      return (
        <PortDialogs
          {...screen}
          what={dialog.what}
          clusters={app.snapshot.clusters}
          actions={app.ports}
          onApply={(cluster, edit) => then(() => app.portWork.apply(cluster, edit))()}
          onCancel={onCancel}
        />
      );
    case 'ingress': {
      const [cluster] = app.work.named([dialog.cluster]);
      if (cluster === undefined) return null;
      return (
        <IngressDialog
          {...screen}
          engine={app.engine}
          cluster={cluster}
          service={dialog.service}
          onApply={(plan, again) => then(() => app.runner.carryOut({ plan, again }))()}
          onCancel={onCancel}
        />
      );
    }
    case 'add-node': {
      const [cluster] = app.work.named([dialog.cluster]);
      if (cluster === undefined) return null;
      return (
        <AddNode
          {...screen}
          engine={app.engine}
          cluster={cluster}
          plan={(...asked) => app.nodes.planAdd(...asked)}
          onApply={(plan, request) => then(() => app.nodes.add(plan, cluster.name, request))()}
          onCancel={onCancel}
        />
      );
    }
    case 'clone': {
      const [cluster] = app.work.named([dialog.cluster]);
      if (cluster === undefined) return null;
      return (
        <CloneCluster
          {...screen}
          cluster={cluster}
          taken={app.snapshot.clusters.map(({ name }) => name)}
          plan={(name, keepPorts, signal) => app.files.planClone(cluster, name, keepPorts, signal)}
          onApply={planned => then(() => app.files.clone(planned))()}
          onCancel={onCancel}
        />
      );
    }
    case 'apply-left': {
      const { file, plan, again, left } = dialog;
      return (
        <ApplyLeft
          {...screen}
          cluster={plan.cluster ?? ''}
          plan={plan}
          left={left}
          onRest={() => app.openDialog({ name: 'plan', plan, again, label: 'Apply', destructive: false })}
          onRecreate={then(() => app.files.apply(file, true))}
          onCancel={onCancel}
        />
      );
    }
    case 'node-stop':
    case 'node-restart':
    case 'node-delete':
      return <NodeConfirm {...screen} app={app} dialog={dialog} then={then} onCancel={onCancel} />;
    case 'cancel': {
      const operation = app.engine.operations.operations.find(one => one.id === dialog.operation);
      return (
        <Confirm
          {...screen}
          title={`Cancel ${operation?.title ?? 'the operation'}?`}
          message="What it made so far is undone.  y cancels it, n lets it go on."
          cancelLabel="Go on"
          confirmLabel="Cancel it"
          destructive={false}
          onConfirm={then(() => operation?.cancel())}
          onCancel={onCancel}
        />
      );
    }
    case 'kubeconfig': {
      const clusters = app.work.named(dialog.clusters);
      return (
        <Kubeconfig
          {...screen}
          clusters={dialog.clusters}
          defaultFile={dialog.files.merged}
          proposedFile={dialog.files.own}
          onPick={choice => then(() => app.work.kubeconfig(clusters, choice))()}
          onCancel={onCancel}
        />
      );
    }
    case 'copy':
      return (
        <Menu
          {...screen}
          title="Copy"
          items={dialog.choices}
          onPick={text => then(() => app.copy(text))()}
          onCancel={onCancel}
        />
      );
    case 'equal':
      return (
        <Menu
          {...screen}
          title="The same from the command line"
          items={[{ value: dialog.command, key: 'c', label: dialog.command, detail: '' }]}
          message="Enter copies it."
          onPick={text => then(() => app.copy(text))()}
          onCancel={onCancel}
        />
      );
    case 'plan':
      return (
        <PlanPreview
          {...screen}
          plan={dialog.plan}
          applyLabel={dialog.label}
          destructive={dialog.destructive}
          onApply={then(() => app.plans.carryOut(dialog))}
          onBack={onCancel}
        />
      );
    case 'finding':
      return (
        <TextDialog
          {...screen}
          title={dialog.finding.subject}
          lines={(theme, room) => paneLines(theme, dialog.finding, room)}
          buttons={[{ label: 'Close', press: onCancel }]}
          focus={0}
          escape="back"
          onEscape={onCancel}
          tone="accent"
          columns={{ least: 60, most: 120, free: 6 }}
        />
      );
    case 'registry-create':
    case 'registry-choose':
    case 'tag-delete':
      return <RegistryDialogs {...screen} app={app} dialog={dialog} onCancel={onCancel} />;
    case 'image-import': {
      const { clusters, subject } = dialog;
      return (
        <ImportImages
          {...screen}
          clusters={clusters}
          chosen={subject === undefined ? clusters.slice(0, 1) : clusters}
          images={signal => app.images.inDocker(signal)}
          plan={(request, signal) => app.images.planImport(request, signal)}
          onApply={(plan, request) => then(() => app.images.import(plan, request))()}
          onCancel={onCancel}
        />
      );
    }
    case 'image-pull':
      return (
        <PullImage
          {...screen}
          image={dialog.image}
          where={app.place.subject ?? 'all clusters'}
          onPull={image => then(() => app.images.openPull([image], app.place))()}
          onCancel={onCancel}
        />
      );
    case 'image-details':
      return (
        <TextDialog
          {...screen}
          title={dialog.row.name}
          lines={(theme, room) => nodeLines(theme, dialog.row, app.images.view.picture?.nodes ?? [], app.now, room)}
          buttons={[{ label: 'Close', press: onCancel }]}
          focus={0}
          escape="back"
          onEscape={onCancel}
          tone="accent"
          columns={{ least: 60, most: 120, free: 6 }}
        />
      );
    case 'quit':
      return (
        <Quit
          {...screen}
          running={app.running.map(operation => sanitise(operation.title))}
          onPick={choice => then(() => leave(app, choice))()}
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
