import { dump } from 'js-yaml';
import type { Edits, EntryEdit, Section } from './document.ts';
import { type MappingPair, type OutlineNode, outline, type SequenceNode } from './outline.ts';

/** A value as kubectl lays it out: lists not indented, no folded lines. */
export function dumpYaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true, seqNoIndent: true });
}

interface Splice {
  start: number;
  end: number;
  text: string;
}

/**
 * Makes the edits in the text itself, line by line. undefined when the layout is not the common one; the caller checks
 * that the result means what it should, so this need not know all of YAML. At most one edit per list.
 */
export function editText(text: string, edits: Edits): string | undefined {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const root = outline(text);
  if (root !== undefined && (root.kind !== 'mapping' || !root.block)) return undefined;
  const pairs = root?.pairs ?? [];
  const splices: Splice[] = [];
  let appendix = '';

  for (const edit of edits.entries) {
    const pair = pairs.find(({ key }) => key.kind === 'scalar' && key.value === edit.section);
    if (!pair) {
      if (edit.entry !== undefined) appendix += `${edit.section}:\n${itemLines(edit, '')}`;
      continue;
    }
    const found = editSection(text, pair, edit);
    if (found === undefined) return undefined;
    splices.push(...found);
  }
  if (edits.currentContext !== undefined) {
    const pair = pairs.find(({ key }) => key.kind === 'scalar' && key.value === 'current-context');
    const scalar = dumpYaml(edits.currentContext).trimEnd();
    if (!pair) appendix += `current-context: ${scalar}\n`;
    else if (pair.value.kind !== 'scalar') return undefined;
    else if (pair.value.value !== edits.currentContext || pair.value.start < 0) {
      const [start, end] = pair.value.start < 0 ? [colonAfter(text, pair), colonAfter(text, pair)] : outer(pair.value);
      splices.push({ start, end, text: pair.value.start < 0 ? ` ${scalar}` : scalar });
    }
  }
  const isNew = root === undefined;
  if (isNew) appendix = `apiVersion: v1\nkind: Config\n${appendix}`;
  if (appendix !== '') splices.push({ start: text.length, end: text.length, text: lineStartText(text) + appendix });
  const result = splices
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce(
      (out, { start, end, text: put }) => out.slice(0, start) + put.replaceAll('\n', newline) + out.slice(end),
      text,
    );
  return result;
}

function editSection(text: string, pair: MappingPair, edit: EntryEdit): Splice[] | undefined {
  const { value } = pair;
  if (value.kind === 'sequence' && value.block) return editItems(text, pair, value, edit);
  const end = emptyEnd(text, value, colonAfter(text, pair));
  if (end === undefined) return undefined;
  if (edit.entry === undefined) return [];
  const at = lineEnd(text, end);
  const lead = at === text.length ? lineStartText(text) : '';
  return [
    { start: colonAfter(text, pair), end, text: '' },
    { start: at, end: at, text: lead + itemLines(edit, '') },
  ];
}

function editItems(text: string, pair: MappingPair, list: SequenceNode, edit: EntryEdit): Splice[] | undefined {
  const dashes = list.items.map(item => text.slice(lineStart(text, item.start), item.start));
  if (!dashes.every(dash => /^ *- +$/.test(dash))) return undefined;
  const indent = /^ */.exec(dashes[0] ?? '')?.[0] ?? '';
  const matching = list.items.filter(item => nameOf(item) === edit.name);
  const splices = matching.map((item, i) => ({
    start: lineStart(text, item.start),
    end: lineEnd(text, item.end),
    text: i === 0 && edit.entry !== undefined ? itemLines(edit, indent) : '',
  }));
  if (matching.length === 0 && edit.entry !== undefined) {
    const last = list.items.at(-1);
    const at = lineEnd(text, last?.end ?? list.start);
    return [{ start: at, end: at, text: (at === text.length ? lineStartText(text) : '') + itemLines(edit, indent) }];
  }
  if (edit.entry === undefined && matching.length === list.items.length) {
    const colon = colonAfter(text, pair);
    splices.push({ start: colon, end: colon, text: ' []' });
  }
  return splices;
}

/** Where an empty value (`[]`, `null`, nothing) ends; undefined when it is not one. */
function emptyEnd(text: string, value: OutlineNode, colon: number): number | undefined {
  if (value.kind === 'scalar') {
    if (value.start < 0) return colon;
    return value.plain && /^(null|~|Null|NULL)$/.test(value.value) ? value.end : undefined;
  }
  if (value.kind !== 'sequence') return undefined;
  const brackets = /^\[\s*\]/.exec(text.slice(value.start, value.start + 80))?.[0];
  return brackets === undefined ? undefined : value.start + brackets.length;
}

function itemLines(edit: { section: Section; entry: unknown }, indent: string): string {
  return dumpYaml([edit.entry]).replace(/^(?=.)/gm, indent);
}

function nameOf(item: OutlineNode): string | undefined {
  if (item.kind !== 'mapping') return undefined;
  const name = item.pairs.find(({ key }) => key.kind === 'scalar' && key.value === 'name')?.value;
  return name?.kind === 'scalar' ? name.value : undefined;
}

/** Start and end of a scalar with its quotes. */
function outer(node: { start: number; end: number; plain: boolean }): [number, number] {
  return node.plain ? [node.start, node.end] : [node.start - 1, node.end + 1];
}

/** Position right after the colon of a pair. */
function colonAfter(text: string, pair: MappingPair): number {
  return text.indexOf(':', pair.key.end) + 1;
}

function lineStart(text: string, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1;
}

/** Start of the line after the one that the position ends. */
function lineEnd(text: string, position: number): number {
  if (text[position - 1] === '\n') return position;
  const at = text.indexOf('\n', position);
  return at < 0 ? text.length : at + 1;
}

/** What is needed before a new line can begin at the end of the text. */
function lineStartText(text: string): string {
  return text === '' || text.endsWith('\n') ? '' : '\n';
}
