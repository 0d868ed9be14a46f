import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import type { BodyProps } from './list-screen.tsx';
import { operationLines } from './operation-lines.ts';
import { TextScreen } from './text-screen.tsx';

/** The live timeline of one operation. */
export function OperationScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, now, width } = props;
  const operation = app.engine.operations.operations.find(one => one.id === place.subject);
  const lines = operation
    ? operationLines(theme, operation, now, width - 4)
    : ['This operation is no longer remembered.', '', 'Esc  goes back'];
  return <TextScreen {...props} faint={false} live title={sanitise(operation?.title ?? 'Operation')} lines={lines} />;
}
