import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';

/** Where something stands in the text; both count from 1. */
export interface Place {
  line: number;
  column: number;
}

export type TreeNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode extends Place {
  kind: 'scalar';
  /** As YAML means it: a plain `12` is a number, a quoted one a text. */
  value: string | number | boolean | null;
  /** As it is written, without quotes. */
  text: string;
}

export interface ListNode extends Place {
  kind: 'list';
  items: TreeNode[];
}

export interface MapNode extends Place {
  kind: 'map';
  entries: MapEntry[];
}

interface MapEntry {
  key: string;
  place: Place;
  value: TreeNode;
  /** It came with `<<` and gives way to one that is written out. */
  merged?: boolean;
}

/** What is no YAML, or more than a config file may be. */
export class NotYaml extends Error {
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** More than any config file holds; keeps aliases of aliases from filling the memory. */
const MAX_NODES = 100_000;

/** The first document of the text, each node with its place; undefined when there is none. Throws NotYaml. */
export function parseTree(text: string): TreeNode | undefined {
  const source = text.replace(/^\uFEFF/, '');
  const place = placer(source);
  let events: Event[];
  try {
    events = parseEvents(source, {});
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new NotYaml(error.reason, error.mark ? place(error.mark.position) : { line: 1, column: 1 });
  }
  return new Builder(source, events, place).document();
}

/** How to find a place from an offset, in the time of a binary search. */
function placer(source: string): (offset: number) => Place {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return offset => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(0, offset - starts[low]!) + 1 };
  };
}

class Builder {
  readonly #source: string;
  readonly #events: Event[];
  readonly #place: (offset: number) => Place;
  readonly #anchors = new Map<string, TreeNode>();
  #at = 0;
  #count = 0;
  /** Where the last thing stood: for what is not written at all. */
  #last: Place = { line: 1, column: 1 };

  constructor(source: string, events: Event[], place: (offset: number) => Place) {
    this.#source = source;
    this.#events = events;
    this.#place = place;
  }

  document(): TreeNode | undefined {
    if (this.#events[0]?.type === EVENT_ID.DOCUMENT) this.#at++;
    const first = this.#events[this.#at];
    if (first === undefined || first.type === EVENT_ID.POP) return undefined;
    return this.#node();
  }

  #node(): TreeNode {
    const event = this.#events[this.#at++];
    if (++this.#count > MAX_NODES) throw new NotYaml('this is too much for a config file', this.#last);
    switch (event?.type) {
      case EVENT_ID.SCALAR: {
        const node = this.#scalar(event);
        this.#remember(event, node);
        return node;
      }
      case EVENT_ID.SEQUENCE: {
        const node: ListNode = { kind: 'list', ...this.#seen(event.start), items: [] };
        while (this.#more()) node.items.push(this.#node());
        this.#at++;
        this.#remember(event, node);
        return node;
      }
      case EVENT_ID.MAPPING: {
        const node: MapNode = { kind: 'map', ...this.#seen(event.start), entries: [] };
        while (this.#more()) this.#entry(node);
        this.#at++;
        this.#remember(event, node);
        return node;
      }
      case EVENT_ID.ALIAS: {
        const name = this.#source.slice(event.anchorStart, event.anchorEnd);
        const target = this.#anchors.get(name);
        const place = this.#seen(event.anchorStart);
        if (!target) throw new NotYaml(`there is no anchor '${name}' before this`, place);
        this.#count += size(target, MAX_NODES);
        return { ...target, ...place };
      }
      default:
        throw new NotYaml('a value is missing', this.#last);
    }
  }

  #more(): boolean {
    const next = this.#events[this.#at];
    return next !== undefined && next.type !== EVENT_ID.POP;
  }

  #entry(map: MapNode): void {
    const keyNode = this.#node();
    const { line, column } = keyNode;
    const place = { line, column };
    this.#last = place;
    const value = this.#node();
    if (keyNode.kind !== 'scalar') throw new NotYaml('a key must be a word', place);
    const key = keyNode.text;
    if (key === '<<') {
      merge(map, value, place);
      return;
    }
    const before = map.entries.find(entry => entry.key === key);
    if (before?.merged) {
      Object.assign(before, { place, value, merged: false });
      return;
    }
    if (before) throw new NotYaml(`key '${key}' stands there twice, first in line ${before.place.line}`, place);
    map.entries.push({ key, place, value });
  }

  #scalar(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): ScalarNode {
    if (event.valueStart < 0) return { kind: 'scalar', ...this.#last, value: null, text: '' };
    const text = getScalarValue(this.#source, event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const tag = event.tagStart < 0 ? '' : this.#source.slice(event.tagStart, event.tagEnd);
    // A block begins on the line after its mark.
    const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const quote = plain || block ? 0 : 1;
    const place = this.#seen(event.valueStart - quote);
    return { kind: 'scalar', ...place, value: plain && !/str>?$/.test(tag) ? plainValue(text) : text, text };
  }

  #remember(event: { anchorStart: number; anchorEnd: number }, node: TreeNode): void {
    if (event.anchorStart >= 0) this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), node);
  }

  #seen(offset: number): Place {
    this.#last = this.#place(Math.max(0, offset));
    return this.#last;
  }
}

/** `<<: *base`: entries of the base that are not there yet. */
function merge(map: MapNode, value: TreeNode, place: Place): void {
  const bases = value.kind === 'list' ? value.items : [value];
  for (const base of bases) {
    if (base.kind !== 'map') throw new NotYaml('only a mapping can be merged', place);
    for (const entry of base.entries) {
      if (!map.entries.some(({ key }) => key === entry.key)) map.entries.push({ ...entry, merged: true });
    }
  }
}

/** How many nodes there are in it, as far as `limit`. */
function size(node: TreeNode, limit: number): number {
  if (node.kind === 'scalar' || limit <= 0) return 1;
  const children = node.kind === 'list' ? node.items : node.entries.map(({ value }) => value);
  let count = 1;
  for (const child of children) count += size(child, limit - count);
  return count;
}

/** What a plain word means: Go's YAML 1.1 with the numbers of 1.2, as k3d reads it. */
function plainValue(text: string): ScalarNode['value'] {
  if (/^(~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(true|True|TRUE|yes|Yes|YES|on|On|ON)$/.test(text)) return true;
  if (/^(false|False|FALSE|no|No|NO|off|Off|OFF)$/.test(text)) return false;
  if (/^[-+]?(0|[1-9][\d_]*)$/.test(text)) return Number(text.replaceAll('_', ''));
  if (/^0(x[\da-fA-F]+|o?[0-7]+|b[01]+)$/.test(text)) return Number(text.replace(/^0(?=[0-7])/, '0o'));
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  return text;
}

/** The values as plain objects, lists and scalars. */
export function plainValues(node: TreeNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValues);
  // Not by assignment: a key may be called __proto__.
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValues(value)]));
}
