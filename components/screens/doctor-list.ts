import { type Finding, SEVERITIES, type Severity } from '../../src/engine/doctor/finding.ts';
import { sanitise } from '../../src/text.ts';
import { type DoctorView, shown } from '../doctor-work.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember } from './list-definition.ts';

const SIGNS: Record<Severity, string> = { problem: '✗ problem', warning: '! warning', note: '· note' };
const STYLES: Record<Severity, Style> = { problem: 'bad', warning: 'warn', note: 'dim' };

export const severityText = (severity: Severity): string => SIGNS[severity];
export const severityStyle = (severity: Severity): Style => STYLES[severity];

const columns: Column<Finding>[] = [
  {
    id: 'severity',
    title: 'SEVERITY',
    letter: 'S',
    priority: 0,
    text: ({ severity }) => SIGNS[severity],
    style: ({ severity }) => STYLES[severity],
    compare: (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  },
  { id: 'area', title: 'AREA', letter: 'A', priority: 3, text: ({ area }) => area },
  {
    id: 'finding',
    title: 'FINDING',
    letter: 'F',
    priority: 0,
    max: 120,
    elastic: 30,
    text: ({ cluster, message }) => sanitise(cluster === undefined ? message : `${cluster}: ${message}`),
  },
  {
    id: 'remedy',
    title: 'REMEDY',
    letter: 'E',
    priority: 2,
    max: 60,
    elastic: 12,
    text: ({ remedy }) => (remedy ? `${remedy.plan ? '' : 'by hand: '}${sanitise(remedy.title)}` : ''),
  },
];

const rowsOf = remember((view: DoctorView): readonly Finding[] => shown(view));

export const doctorList: ListDefinition<Finding> = {
  title: ({ subject }) => (subject === undefined ? 'Doctor' : `Doctor of ${subject}`),
  noun: 'finding',
  named: 'finding',
  columns,
  rows: ({ doctor }) => (doctor ? rowsOf(doctor) : []),
  id: ({ id }) => id,
  faulty: ({ severity }) => severity === 'problem',
  empty: ({ doctor }) => emptyLines(doctor),
};

function emptyLines(view: DoctorView | undefined): readonly string[] {
  const { examination, error } = view ?? {};
  if (error) return ['It cannot be looked at:', sanitise(error.message), '', 'Ctrl-R  tries again'];
  if (!examination || examination.endedAt === undefined) return ['Looking …', '', progressText(view)];
  const { unchecked } = examination;
  return [
    unchecked.length > 0 ? 'Nothing is wrong as far as could be looked at.' : 'Nothing is wrong.',
    '',
    progressText(view),
    ...unchecked.map(({ cluster, title, why }) => sanitise(`? ${cluster ? `${cluster}: ` : ''}${title}: ${why}`)),
    '',
    'Ctrl-R  looks again    :leftovers  shows what nothing needs any more',
  ];
}

/** `12 of 92 checks` while it goes on, then `92 checks in 1.2 s`. */
export function progressText(view: DoctorView | undefined): string {
  const examination = view?.examination;
  if (!examination) return '';
  const { done, total, startedAt, endedAt, unchecked } = examination;
  if (endedAt === undefined) return `${done} of ${total} checks`;
  const left = unchecked.length > 0 ? `, ${unchecked.length} could not be made` : '';
  return `${total} checks in ${((endedAt - startedAt) / 1000).toFixed(1)} s${left}`;
}
