import type { Column } from '../widgets/columns.ts';

/** A table as far as it is read out. Rows are the same objects while they say the same, unless the list is mutable. */
export interface ListPart {
  kind: 'list';
  title: string;
  /** What one row is called: `cluster`. */
  noun: string;
  /** `2 of 5, filter x`. */
  count: string;
  columns: readonly Column<unknown>[];
  /** Id of the column that names a row; default: the first. */
  named?: string;
  id(row: unknown): string;
  /** Filtered and sorted. */
  rows: readonly unknown[];
  all: readonly unknown[];
  selected: number;
  marks: ReadonlySet<string>;
  /** Columns of wide mode are told too. */
  wide: boolean;
  mutable: boolean;
  empty: readonly string[];
  now: number;
}

/** Lines to read; from `top` on a page of them is told. */
export interface TextPart {
  kind: 'text';
  title: string;
  lines: readonly string[];
  top: number;
  /** It is told as it happens by other means: here only when somebody asks for all of it. */
  live?: boolean;
}

/** What stands beside a list; told only when somebody asks for all of it. */
export interface PanePart {
  kind: 'pane';
  title: string;
  lines: readonly string[];
}

export interface DialogPart {
  kind: 'dialog';
  title: string;
  lines: readonly string[];
}

/** The line that is typed: `Filter`. */
export interface PromptPart {
  kind: 'prompt';
  label: string;
  text: string;
  /** What it could become, or what is wrong with it. */
  note: string;
}

/** One line, told when it changes. */
export interface LinePart {
  kind: 'line';
  text: string;
  /** Told again though the words are the same. */
  at?: number;
}

/** The rows of a log that are in sight, the newest last. */
export interface LogPart {
  kind: 'log';
  title: string;
  /** Whether it is followed, searched, filtered. */
  state: string;
  rows: readonly string[];
}

export type Part = ListPart | TextPart | PanePart | DialogPart | PromptPart | LinePart | LogPart;
