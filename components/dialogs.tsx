import type { ReactNode } from 'react';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { ClusterDialogs } from './dialogs/cluster-dialogs.tsx';
import { Confirm } from './dialogs/confirm.tsx';
import { Gone } from './dialogs/gone.tsx';
import { ImageDialogs } from './dialogs/image-dialogs.tsx';
import { IngressDialog } from './dialogs/ingress.tsx';
import { Menu } from './dialogs/menu.tsx';
import { NodeDialogs } from './dialogs/node-dialogs.tsx';
import { Notice } from './dialogs/notice.tsx';
import { PlanPreview } from './dialogs/plan-preview.tsx';
import { PortDialogs } from './dialogs/port-dialog.tsx';
import { Quit } from './dialogs/quit.tsx';
import { RegistryDialogs } from './dialogs/registry-dialogs.tsx';
import { leave } from './leaving.ts';
import { paneLines } from './screens/doctor-screen.tsx';
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
  const done = (act: () => void): void => {
    app.closeDialog();
    act();
  };
  const common = { ...screen, app, done, onCancel };
  switch (dialog.name) {
    case 'create':
    case 'clone':
    case 'apply-left':
    case 'stop':
    case 'restart':
    case 'delete':
    case 'kubeconfig':
      return <ClusterDialogs {...common} dialog={dialog} />;
    case 'add-node':
    case 'node-stop':
    case 'node-restart':
    case 'node-delete':
      return <NodeDialogs {...common} dialog={dialog} />;
    case 'image-import':
    case 'image-pull':
    case 'image-details':
      return <ImageDialogs {...common} dialog={dialog} />;
    case 'registry-create':
    case 'registry-choose':
    case 'tag-delete':
      return <RegistryDialogs {...common} dialog={dialog} />;
    case 'port':
      return (
        <PortDialogs
          {...screen}
          what={dialog.what}
          clusters={app.snapshot.clusters}
          actions={app.ports}
          onApply={(cluster, edit) => done(() => app.portWork.apply(cluster, edit))}
          onCancel={onCancel}
        />
      );
    case 'ingress': {
      const [cluster] = app.work.named([dialog.cluster]);
      if (cluster === undefined) return <Gone app={app} what="cluster" name={dialog.cluster} />;
      return (
        <IngressDialog
          {...screen}
          engine={app.engine}
          cluster={cluster}
          service={dialog.service}
          onApply={(plan, again) => done(() => app.runner.carryOut({ plan, again }))}
          onCancel={onCancel}
        />
      );
    }
    case 'plan':
      return (
        <PlanPreview
          {...screen}
          plan={dialog.plan}
          applyLabel={dialog.label}
          destructive={dialog.destructive}
          backLabel={dialog.back}
          onApply={() => done(() => app.plans.carryOut(dialog))}
          onBack={onCancel}
        />
      );
    case 'finding': {
      const { finding } = dialog;
      const lines: Parameters<typeof Notice>[0]['lines'] = (theme, room) => paneLines(theme, finding, room);
      return <Notice {...screen} title={finding.subject} lines={lines} onClose={onCancel} />;
    }
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
          onConfirm={() => done(() => operation?.cancel())}
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
          onPick={text => done(() => app.copy(text))}
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
          onPick={text => done(() => app.copy(text))}
          onCancel={onCancel}
        />
      );
    case 'quit':
      return (
        <Quit
          {...screen}
          running={app.running.map(operation => sanitise(operation.title))}
          onPick={choice => done(() => leave(app, choice))}
        />
      );
  }
}
