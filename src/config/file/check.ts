import { nearest } from '../../nearest.ts';
import { formatProblem } from './formats.ts';
import type { ListSchema, NumberSchema, ObjectSchema, Schema } from './schema.ts';
import type { MapNode, Place, ScalarNode, TreeNode } from './tree.ts';

/** Something wrong with a config file, or worth knowing, at a place in its text. */
export interface Finding extends Place {
  /** `ports.0.nodeFilters`; `(root)` for the whole. */
  path: string;
  message: string;
  /** What is allowed there. */
  hint?: string;
  severity: 'error' | 'warning';
}

/**
 * Everything wrong with the tree by that schema, in the order of the text; k3d's words where it has some.
 * @param options.variables texts with `$NAME` in them are let pass, as nobody knows yet what will stand there
 * @param options.formats false: what a text says is not looked at
 */
export function checkTree(
  tree: TreeNode,
  schema: ObjectSchema,
  { variables = false, formats = true }: { variables?: boolean; formats?: boolean } = {},
): Finding[] {
  const run: Run = { findings: [], variables, formats };
  check(tree, schema, '', run);
  return run.findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** `line 5:10: servers: Invalid type. …` */
export function describeFinding({ line, column, path, message }: Finding): string {
  return `line ${line}:${column}: ${path}: ${message}`;
}

interface Run {
  findings: Finding[];
  variables: boolean;
  formats: boolean;
}

function check(node: TreeNode, schema: Schema, path: string, run: Run): void {
  if (run.variables && node.kind === 'scalar' && /\$[\w{]/.test(node.text)) return;
  const say = (message: string, hint?: string) =>
    run.findings.push({
      path: path || '(root)',
      line: node.line,
      column: node.column,
      message,
      hint,
      severity: 'error',
    });
  const given = kindOf(node);
  const fits = schema.type === 'any' ? given === 'string' || isNumber(given) : given === schema.type;
  if (!fits && !(schema.type === 'number' && isNumber(given))) {
    const expected = schema.type === 'any' ? 'string or number' : schema.type;
    say(`Invalid type. Expected: ${expected}, given: ${given}`, whatToWrite(schema, node));
    return;
  }
  if (schema.type === 'object') checkObject(node as MapNode, schema, path, run);
  else if (schema.type === 'array') {
    for (const [index, item] of listItems(node).entries()) check(item, schema.items, join(path, index), run);
  } else if (node.kind === 'scalar') {
    checkScalar(node.value, schema, say, run.formats);
  }
}

type Say = (message: string, hint?: string) => void;

function checkScalar(value: ScalarNode['value'], schema: Schema, say: Say, formats: boolean): void {
  if (schema.type === 'number') checkNumber(value as number, schema, say);
  else if (typeof value === 'string' && (schema.type === 'string' || schema.type === 'any')) {
    if (schema.type === 'string' && schema.enum && !schema.enum.includes(value)) {
      say(`must be one of the following: ${schema.enum.map(each => `"${each}"`).join(', ')}, given: "${value}"`);
    }
    const problem = formats && schema.format && formatProblem(schema.format, value);
    if (problem) say(problem.message, problem.hint);
  }
}

function checkNumber(value: number, { minimum }: NumberSchema, say: Say): void {
  if (minimum !== undefined && value < minimum) say(`Must be greater than or equal to ${minimum}, given: ${value}`);
  else if (!Number.isSafeInteger(value)) say(`must be a whole number, given: ${value}`);
}

function checkObject(node: MapNode, schema: ObjectSchema, path: string, run: Run): void {
  const known = Object.keys(schema.properties);
  for (const { key, place, value } of node.entries) {
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property) {
      check(value, property, join(path, key), run);
      continue;
    }
    const near = nearest(key, known);
    const allowed = `allowed here: ${known.join(', ')}`;
    run.findings.push({
      path: path || '(root)',
      ...place,
      message: schema.open ? `key '${key}' has no meaning here` : `Additional property ${key} is not allowed`,
      hint: near ? `did you mean '${near}'? ${allowed}` : allowed,
      severity: schema.open ? 'warning' : 'error',
    });
  }
  for (const key of schema.required ?? []) {
    if (node.entries.some(entry => entry.key === key)) continue;
    const wanted = schema.properties[key];
    run.findings.push({
      path: path || '(root)',
      line: node.line,
      column: node.column,
      message: `${key} is required`,
      hint: wanted?.type === 'string' && wanted.default ? `write ${key}: ${wanted.default}` : undefined,
      severity: 'error',
    });
  }
}

function kindOf(node: TreeNode): string {
  if (node.kind === 'map') return 'object';
  if (node.kind === 'list') return 'array';
  if (node.value === null) return 'null';
  return typeof node.value === 'number' ? (Number.isInteger(node.value) ? 'integer' : 'number') : typeof node.value;
}

function isNumber(kind: string): boolean {
  return kind === 'integer' || kind === 'number';
}

/** How to write what is wanted there, in the words of the one who wrote something else. */
function whatToWrite(schema: Schema, node: TreeNode): string {
  const [example] = schema.examples ?? [];
  const like = example === undefined ? '' : `, for example ${example}`;
  switch (schema.type) {
    case 'string':
      return node.kind === 'scalar' && node.text !== '' ? `put it in quotes: "${node.text}"` : `write a text${like}`;
    case 'number':
      return `write a whole number${schema.minimum === undefined ? '' : ` of at least ${schema.minimum}`}, without quotes`;
    case 'boolean':
      return 'write true or false, without quotes';
    case 'any':
      return `write a text${like}`;
    case 'array':
      return node.kind === 'scalar' && node.text !== ''
        ? `write a list: [${node.text}]`
        : `write a list${ofWhat(schema)}`;
    case 'object':
      return `write, one in each line: ${Object.keys(schema.properties).join(', ')}`;
  }
}

function ofWhat({ items }: ListSchema): string {
  return items.type === 'object' ? `; each item has ${Object.keys(items.properties).join(', ')}` : ' such as [a, b]';
}

function listItems(node: TreeNode): TreeNode[] {
  return node.kind === 'list' ? node.items : [];
}

function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}
