import type { ReactNode } from 'react';
import type { DialogProps } from './dialog-props.ts';
import { ImageDetails } from './image-details.tsx';
import { ImportImages } from './import-images.tsx';
import { PullImage } from './pull-image.tsx';

export type ImageDialogName = 'image-import' | 'image-pull' | 'image-details';

/** The dialogs of the images' screen. */
export function ImageDialogs(props: DialogProps<ImageDialogName>): ReactNode {
  const { app, dialog, done, onCancel, screenWidth, screenHeight } = props;
  const screen = { screenWidth, screenHeight };
  switch (dialog.name) {
    case 'image-import': {
      const { clusters, subject } = dialog;
      return (
        <ImportImages
          {...screen}
          env={app.engine.env}
          clusters={clusters}
          chosen={subject === undefined ? clusters.slice(0, 1) : clusters}
          images={signal => app.images.inDocker(signal)}
          plan={(request, signal) => app.images.planImport(request, signal)}
          onApply={(plan, request) => done(() => app.images.import(plan, request))}
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
          onPull={image => done(() => app.images.openPull([image], app.place))}
          onCancel={onCancel}
        />
      );
    case 'image-details':
      return (
        <ImageDetails
          {...screen}
          row={dialog.row}
          nodes={app.images.view.picture?.nodes ?? []}
          now={app.now}
          history={signal => app.images.history(dialog.row, signal)}
          onClose={onCancel}
        />
      );
  }
}
