import type { Cluster, NodePort } from '../../../src/engine/model.ts';
import { sanitise, truncate } from '../../../src/text.ts';
import { shortNode } from '../../screens/ports-list.ts';
import type { Theme } from '../../theme.ts';
import { type ChoiceItem, choiceLines } from '../../widgets/choice-lines.ts';
import { fieldLine } from '../../widgets/field-line.ts';
import { rowHead } from '../../widgets/form-row.ts';
import { wrapText } from '../../widgets/wrap.ts';
import { hintLine } from '../hint-line.ts';
import type { Conflicts } from './conflicts.ts';
import { draftOf, PROTOCOLS, readDraft, specOf } from './draft.ts';
import { nodeChoices, nodesOf, spellings } from './node-choices.ts';
import { type TargetChoice, type TargetsAnswer, targetsNote } from './target-choices.ts';
import { publishedBesides, type WizardState } from './wizard-state.ts';

export interface WizardView {
  width: number;
  height: number;
  clusters: readonly Cluster[];
  cluster: Cluster | undefined;
  published: readonly NodePort[];
  targets: readonly TargetChoice[];
  answer: TargetsAnswer;
  conflicts: Conflicts | undefined;
}

type Hints = readonly (readonly [string, string])[];

/** The step at hand, `height` lines with the keys in the last. */
export function drawWizard(theme: Theme, state: WizardState, view: WizardView): string[] {
  const [body, hints] = step(theme, state, view);
  const { width, height } = view;
  const problem = state.leaving
    ? ['Esc again leaves; what was typed is lost.']
    : state.problem && !isSaid(state, view)
      ? wrapText(`✗ ${state.problem}`, width)
      : [];
  const foot = [
    ...problem.map(line => theme.paint(state.leaving ? 'warn' : 'bad', line)),
    hintLine(theme, hints, width),
  ];
  const room = Math.max(1, height - foot.length - 2);
  const top = [crumbsLine(theme, state, width), ''];
  const shown = body.slice(0, room);
  const blank = Array.from({ length: Math.max(0, height - top.length - shown.length - foot.length) }, () => '');
  return [...top, ...shown, ...blank, ...foot].slice(0, Math.max(height, 1));
}

/** The host step says what is wrong with a port while it is typed. */
function isSaid({ step: at, draft, problem = '' }: WizardState, { conflicts }: WizardView): boolean {
  return at === 'host' && (readDraft(draft).error === problem || (conflicts?.errors.includes(problem) ?? false));
}

/** `demo › 80/tcp › host 8080 › nodes › preview`, the step at hand bold. */
function crumbsLine(theme: Theme, state: WizardState, width: number): string {
  const { draft } = state;
  const names: [WizardState['step'], string][] = [
    ['cluster', state.cluster === undefined ? 'cluster' : sanitise(state.cluster)],
    ['target', draft.target.text === '' ? 'what to reach' : `to ${draft.target.text}/${draft.protocol}`],
    ['host', draft.hostPort.text === '' ? 'host port' : `from ${draft.hostPort.text}`],
    ['nodes', draft.filters === '' ? 'nodes' : draft.filters],
    ['preview', 'preview'],
  ];
  const set = state.finished.length + state.dropped.length;
  const more = set > 0 ? theme.paint('accent', `  (+${set} in this set)`) : '';
  const at = state.step === 'planning' || state.step === 'drop' ? 'preview' : state.step;
  const line = names
    .map(([name, text]) => theme.paint(name === at ? 'title' : 'dim', text))
    .join(theme.paint('dim', ' › '));
  return truncate(line + more, width);
}

function step(theme: Theme, state: WizardState, view: WizardView): [string[], Hints] {
  switch (state.step) {
    case 'cluster':
      return clusterStep(theme, state, view);
    case 'target':
      return targetStep(theme, state, view);
    case 'host':
      return hostStep(theme, state, view);
    case 'nodes':
      return nodesStep(theme, state, view);
    case 'drop':
      return dropStep(theme, state, view);
    default:
      return [['Working out what that takes …'], [['Esc', 'back']]];
  }
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const MOVE: Hints = [
  ['Enter', 'next'],
  ['↑ ↓', 'move'],
];

function clusterStep(theme: Theme, state: WizardState, { width, height, clusters }: WizardView): [string[], Hints] {
  const items = clusters.map((cluster): ChoiceItem => {
    const nodes = [counted(cluster.servers.length, 'server'), counted(cluster.agents.length, 'agent')].join(', ');
    const lb = cluster.loadBalancer ? counted(cluster.ports.length, 'port') : 'no load balancer';
    return { label: cluster.name, detail: `${cluster.status}  ${nodes}  ${lb}` };
  });
  return [
    ['Which cluster?', ...choiceLines(theme, items, state.clusterPick, width, height - 6)],
    [...MOVE, ['Esc', 'cancel']],
  ];
}

function targetStep(theme: Theme, state: WizardState, view: WizardView): [string[], Hints] {
  const { width, height, targets, answer } = view;
  const rows = Math.max(1, height - 8);
  const at = state.targetPick.index;
  const onOther = at >= targets.length;
  const list = choiceLines(
    theme,
    targets,
    onOther ? { ...state.targetPick, index: -1, top: targets.length } : state.targetPick,
    width,
    rows,
  );
  const label = rowHead(theme, onOther, 'another port', 'another port  '.length);
  const field = fieldLine(theme, state.other, Math.max(10, width - 16), onOther, {
    placeholder: '8000-8010, 53/udp, or 127.0.0.1:8080:80@agent:0',
  });
  return [
    [
      'What shall be reachable from this machine? A port of the nodes:',
      ...list,
      label + field,
      '',
      ...wrapText(targetsNote(answer), width).map(line => theme.paint('dim', line)),
    ],
    [...MOVE, ['0-9', 'type a port'], ['Esc', 'back']],
  ];
}

function hostStep(theme: Theme, state: WizardState, view: WizardView): [string[], Hints] {
  const { width, conflicts } = view;
  const { draft, focus } = state;
  const label = (index: number, text: string) => rowHead(theme, focus === index, text, 19);
  const room = Math.max(8, Math.min(40, width - 22));
  const reading = readDraft(draft);
  const lines = [
    'Where on this machine shall it be?',
    label(0, 'Host port') + fieldLine(theme, draft.hostPort, room, focus === 0, { placeholder: 'Docker picks one' }),
    label(1, 'Address') +
      fieldLine(theme, draft.address, room, focus === 1, { placeholder: 'all (127.0.0.1: this machine only)' }),
    label(2, 'Port of the nodes') + fieldLine(theme, draft.target, room, focus === 2),
    label(3, 'Protocol') + PROTOCOLS.map(one => protocolText(theme, one, draft.protocol, focus === 3)).join(' '),
    '',
  ];
  const say = (style: 'bad' | 'warn' | 'dim' | 'good', texts: readonly string[]) =>
    texts.flatMap(text => wrapText(text, width).map(line => theme.paint(style, line)));
  if (reading.error !== undefined) lines.push(...say('bad', [`✗ ${reading.error}`]));
  else {
    const sure =
      conflicts === undefined
        ? 'looking who has it …'
        : // What Docker picks is free when it is picked; the note says that it does.
          conflicts.errors.length === 0 && draft.hostPort.text.trim() !== ''
          ? `✓ ${isAsToday(state) ? 'as it is today' : `${specOf(draft)} is free`}`
          : '';
    lines.push(
      ...say(
        'bad',
        (conflicts?.errors ?? []).map(text => `✗ ${text}; Ctrl-O proposes a free one`),
      ),
      ...say(conflicts === undefined ? 'dim' : 'good', sure === '' ? [] : [sure]),
      ...say(
        'warn',
        [...reading.warnings, ...(conflicts?.warnings ?? [])].map(text => `! ${text}`),
      ),
      ...say('dim', reading.notes),
    );
  }
  return [
    lines,
    [
      ['Enter', 'next'],
      ['↑ ↓', 'field'],
      ['Ctrl-O', 'a free port'],
      ...(focus === 3 ? [['Space', 'other protocol'] as const] : []),
      ['Esc', 'back'],
    ],
  ];
}

const isAsToday = ({ what, draft }: WizardState): boolean =>
  what.kind === 'change' && specOf(draftOf(what.row)) === specOf(draft);

function protocolText(theme: Theme, one: string, chosen: string, focused: boolean): string {
  if (theme.spoken) return one === chosen ? one : '';
  if (one !== chosen) return theme.paint('dim', ` ${one} `);
  return theme.paint(focused ? 'selected' : 'title', `[${one}]`);
}

function nodesStep(theme: Theme, state: WizardState, view: WizardView): [string[], Hints] {
  const { width, height, cluster, published } = view;
  if (!cluster) return [['The cluster is gone.'], [['Esc', 'back']]];
  const choices = nodeChoices(cluster);
  const chosen = choices[state.nodesPick.index];
  const same = chosen && chosen.filters !== '' ? spellings(cluster, chosen.filters) : [];
  const { draft } = state;
  const shared = publishedBesides(state, published).filter(
    port => String(port.containerPort) === draft.target.text && port.protocol === draft.protocol,
  );
  const explain = [
    ...wrapText(chosen?.why ?? '', width).map(line => theme.paint(chosen?.filters === '' ? 'warn' : 'plain', line)),
    ...(same.length > 0
      ? wrapText(`The same as ${same.slice(0, 4).join('   ')}`, width).map(line => theme.paint('dim', line))
      : []),
    ...(shared.length > 0
      ? wrapText(
          `! ${shared.map(port => port.hostPort).join(', ')} leads to ${draft.target.text} too: ${isAsToday(state) ? 'they change together' : 'both have the same nodes behind them, these are added'}.`,
          width,
        ).map(line => theme.paint('warn', line))
      : []),
  ];
  const rows = Math.max(3, height - 6 - explain.length);
  const upstreams = nodesOf(cluster, chosen?.filters ?? '') ?? [];
  const behind = chosen?.filters ? `Behind it: ${upstreams.map(node => shortNode(node, cluster.name)).join(', ')}` : '';
  return [
    [
      `Which nodes shall answer on ${draft.target.text}?`,
      ...choiceLines(theme, choices, state.nodesPick, width, Math.min(rows, choices.length)),
      '',
      ...explain,
      ...wrapText(behind, width).map(line => theme.paint('dim', line)),
    ],
    [
      ['Enter', 'preview'],
      ['↑ ↓', 'move'],
      ['Esc', 'back'],
    ],
  ];
}

function dropStep(theme: Theme, state: WizardState, { width, height, published }: WizardView): [string[], Hints] {
  const items = published.map(port => ({
    label: `${port.hostPort} → ${port.containerPort}/${port.protocol}`,
    detail: port.hostIP,
  }));
  return [
    [
      'Which of today’s mappings shall go in the same set?',
      ...(items.length === 0
        ? [theme.paint('dim', 'There is none that could go.')]
        : choiceLines(theme, items, state.dropPick, width, height - 6, true)),
    ],
    [
      ['Space', 'mark'],
      ['Enter', 'preview'],
      ['Esc', 'back'],
    ],
  ];
}
