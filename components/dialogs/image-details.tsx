import { type ReactNode, useEffect, useState } from 'react';
import type { BuildStep } from '../../src/engine/image/history.ts';
import type { ImageRow } from '../../src/engine/image/matrix.ts';
import type { NodeImages } from '../../src/engine/image/node-images.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { formatAge, formatBytes, sanitise } from '../../src/text.ts';
import { nodeLines } from '../screens/images-screen.tsx';
import type { Theme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { wrapText } from '../widgets/wrap.ts';
import { Notice } from './notice.tsx';

export interface ImageDetailsProps {
  row: ImageRow;
  nodes: readonly NodeImages[];
  /** Milliseconds since the epoch. */
  now: number;
  history(signal: AbortSignal): Promise<BuildStep[]>;
  screenWidth: number;
  screenHeight: number;
  onClose(): void;
}

type History = BuildStep[] | 'asking' | { problem: string };

/** Where an image is, and how it was built: its steps and layers, the latest first. */
export function ImageDetails({ row, nodes, now, history, ...screen }: ImageDetailsProps): ReactNode {
  const [built, setBuilt] = useState<History>('asking');
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => {
    const abort = new AbortController();
    history(abort.signal).then(
      steps => !abort.signal.aborted && setBuilt(steps),
      error => !abort.signal.aborted && !isAbort(error) && setBuilt({ problem: toK3duiError(error).message }),
    );
    return () => abort.abort();
  }, []);
  const lines = (theme: Theme, room: number): string[] => [
    ...nodeLines(theme, row, nodes, now, room),
    '',
    theme.paint('title', 'Layers, the latest first'),
    ...historyLines(theme, built, now, room),
  ];
  return <Notice {...screen} title={row.name} lines={lines} />;
}

function historyLines(theme: Theme, built: History, now: number, width: number): string[] {
  if (built === 'asking') return [theme.paint('dim', 'asking a node …')];
  if ('problem' in built) return wrapText(sanitise(built.problem), width).map(line => theme.paint('bad', line));
  if (built.length === 0) return [theme.paint('dim', 'its builder kept no history of it')];
  return built.flatMap(({ by, created, layer, size }) => {
    const age = created === undefined ? '' : formatAge(now / 1000 - created);
    // One that only changed settings has no bytes.
    const bytes = size === undefined ? (layer === undefined ? '' : '?') : formatBytes(size);
    const head = `${fitCell(age, 6, 'right')} ${fitCell(bytes, 9, 'right')}  `;
    const [first = '', ...more] = wrapText(sanitise(by || 'not told'), width - head.length);
    const paint = (text: string): string => (layer === undefined ? theme.paint('dim', text) : text);
    return [paint(`${head}${first}`), ...more.map(text => paint(`${' '.repeat(head.length)}${text}`))];
  });
}
