import { type Comparison, type ImageRow, isBehind, remarksOn } from '../../src/engine/image/matrix.ts';
import { shortId } from '../../src/engine/image/names.ts';
import { formatAge, formatBytes, sanitise } from '../../src/text.ts';
import type { ImagesView } from '../image-work.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember } from './list-definition.ts';

/** How an image in a node compares with Docker's; `○`: the node lacks it. */
export const SIGNS: Record<Comparison, string> = { same: '●', older: '◐', newer: '◑', 'only here': '■' };
export const MISSING = '○';

/** A line of the screen: the row, and the nodes in the order in which the signs stand. */
const signs = (row: ImageRow): string => {
  const held = row.held.map(({ node, comparison }) => ({ node, sign: SIGNS[comparison] }));
  const missing = row.missing.map(({ node }) => ({ node, sign: MISSING }));
  return [...held, ...missing]
    .sort((a, b) => (a.node < b.node ? -1 : 1))
    .map(({ sign }) => sign)
    .join('');
};

const columns: Column<ImageRow>[] = [
  { id: 'image', title: 'IMAGE', letter: 'I', priority: 0, max: 70, elastic: 24, text: ({ name }) => sanitise(name) },
  { id: 'id', title: 'ID', letter: 'D', priority: 3, text: ({ ids }) => ids.map(shortId).join(' '), max: 12 },
  {
    id: 'size',
    title: 'SIZE',
    letter: 'S',
    priority: 2,
    align: 'right',
    text: ({ size }) => formatBytes(size),
    compare: (a, b) => a.size - b.size,
  },
  {
    id: 'age',
    title: 'AGE',
    letter: 'A',
    priority: 4,
    align: 'right',
    ages: true,
    text: ({ created }, now) => (created === undefined ? '' : formatAge(now / 1000 - created)),
    compare: (a, b) => (b.created ?? 0) - (a.created ?? 0),
  },
  {
    id: 'nodes',
    title: 'NODES',
    letter: 'N',
    priority: 1,
    max: 24,
    text: signs,
    words: ({ held, missing }) => `in ${held.length} of ${held.length + missing.length}`,
    style: row => (isBehind(row) ? 'warn' : 'good'),
    compare: (a, b) => a.held.length - b.held.length,
  },
  {
    id: 'pods',
    title: 'PODS',
    letter: 'O',
    priority: 5,
    align: 'right',
    text: ({ pods }) => (pods.length === 0 ? '' : String(pods.length)),
    compare: (a, b) => a.pods.length - b.pods.length,
  },
  {
    id: 'remarks',
    title: 'REMARKS',
    letter: 'R',
    priority: 1,
    max: 80,
    elastic: 16,
    text: row => sanitise(remarksOn(row).join('; ')),
    style: row => (isBehind(row) ? ('warn' satisfies Style) : undefined),
  },
];

const NONE: readonly ImageRow[] = [];
const rowsOf = remember((view: ImagesView): readonly ImageRow[] => view.picture?.rows ?? NONE);

export const imagesList: ListDefinition<ImageRow> = {
  title: ({ subject }) => (subject === undefined ? 'Images' : `Images of ${subject}`),
  noun: 'image',
  columns,
  rows: ({ images }, { subject }) => (images && images.subject === subject ? rowsOf(images) : NONE),
  id: ({ key }) => key,
  faulty: isBehind,
  fault: row => sanitise(remarksOn(row).join('; ')),
  empty: ({ images }) => emptyLines(images),
};

function emptyLines(view: ImagesView | undefined): readonly string[] {
  if (view?.error) return [sanitise(view.error.message), '', 'Ctrl-R  asks again'];
  if (!view?.picture) return ['Asking the nodes …'];
  const { nodes } = view.picture;
  if (nodes.length === 0) return ['There is no cluster whose nodes could hold images.', '', ':create  makes one'];
  const silent = nodes.filter(({ fault }) => fault !== undefined);
  return [
    silent.length === nodes.length ? 'None of the nodes can be asked.' : 'The nodes hold no images.',
    '',
    ...silent.map(({ node, fault }) => sanitise(`${node}: ${fault}`)),
    'a  imports from Docker or an archive    Shift-P  has the nodes pull',
  ];
}
