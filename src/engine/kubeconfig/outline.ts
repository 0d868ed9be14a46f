import { COLLECTION_STYLE_BLOCK, EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE_PLAIN } from 'js-yaml';

/** A YAML node with its place in the text. `end` is that of its last scalar: closing brackets are not known. */
export type OutlineNode = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode {
  kind: 'scalar';
  /** -1 when nothing is written; without quotes. */
  start: number;
  end: number;
  plain: boolean;
  value: string;
}

export interface SequenceNode {
  kind: 'sequence';
  block: boolean;
  start: number;
  end: number;
  items: OutlineNode[];
}

export interface MappingNode {
  kind: 'mapping';
  block: boolean;
  start: number;
  end: number;
  pairs: MappingPair[];
}

export interface MappingPair {
  key: OutlineNode;
  value: OutlineNode;
}

/** The places of all nodes of a text that has been found to be valid YAML; undefined when it holds no document. */
export function outline(text: string): OutlineNode | undefined {
  const events = parseEvents(text, {});
  const first = events.findIndex(event => event.type !== EVENT_ID.DOCUMENT);
  if (first < 0 || events[first]?.type === EVENT_ID.POP) return undefined;
  return read(text, events, { at: first });
}

function read(text: string, events: Event[], cursor: { at: number }): OutlineNode {
  const event = events[cursor.at++];
  if (event?.type === EVENT_ID.SCALAR) {
    const plain = event.style === SCALAR_STYLE_PLAIN;
    return {
      kind: 'scalar',
      start: event.valueStart,
      end: event.valueEnd,
      plain,
      value: event.valueStart < 0 ? '' : getScalarValue(text, event),
    };
  }
  if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) {
    const children: OutlineNode[] = [];
    while (events[cursor.at] !== undefined && events[cursor.at]?.type !== EVENT_ID.POP) {
      children.push(read(text, events, cursor));
    }
    cursor.at++;
    const { start } = event;
    const block = event.style === COLLECTION_STYLE_BLOCK;
    const end = children.reduce((max, child) => Math.max(max, child.end), start);
    if (event.type === EVENT_ID.SEQUENCE) return { kind: 'sequence', block, start, end, items: children };
    const pairs = Array.from({ length: Math.floor(children.length / 2) }, (_, i) => ({
      key: children[2 * i]!,
      value: children[2 * i + 1]!,
    }));
    return { kind: 'mapping', block, start, end, pairs };
  }
  // An alias, which stands for a node elsewhere: a place, but no content that could be edited.
  const end = event?.type === EVENT_ID.ALIAS ? event.anchorEnd : 0;
  return { kind: 'scalar', start: -1, end, plain: false, value: '' };
}
