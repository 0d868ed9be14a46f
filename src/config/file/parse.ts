import { K3duiError } from '../../errors.ts';
import { checkTree, describeFinding, type Finding } from './check.ts';
import type { ClusterConfig } from './config.ts';
import { expandEnv } from './expand-env.ts';
import { migrate } from './migrate.ts';
import { type MapNode, NotYaml, type Place, parseTree, plainValues, type TreeNode } from './tree.ts';
import { API_VERSION, apiVersions, KIND, schemaOf } from './versions.ts';

export interface ParsedConfig {
  /** As written: `k3d.io/v1alpha4`. */
  apiVersion: string;
  /** In today's version. */
  config: ClusterConfig;
  /** Worth knowing, none of them an error. */
  warnings: Finding[];
  /** Where the value at a path such as `files.0.source` stands. */
  placeOf(path: string): Place | undefined;
}

/**
 * Reads the text of a config file of any version. `env`: what `$NAME` in it stands for; without it they stay as they
 * are. `formats`: false lets pass what the texts in it say. Throws CONFIG_NOT_YAML, CONFIG_VERSION or CONFIG_INVALID, each with name, line and column; the hint of the last
 * also has what else is wrong.
 */
export function parseConfig(text: string, name: string, env?: NodeJS.ProcessEnv, formats = true): ParsedConfig {
  const tree = treeOf(env ? expandEnv(text, env) : text, name);
  const apiVersion = stringAt(tree, 'apiVersion');
  const schema = schemaOf(apiVersion);
  if (!schema) {
    const place = tree.entries.find(({ key }) => key === 'apiVersion')?.value ?? tree;
    throw new K3duiError({
      code: 'CONFIG_VERSION',
      message: `Cannot validate config file ${name}: unsupported apiVersion '${apiVersion}' (line ${place.line}:${place.column})`,
      hint: `write apiVersion: ${API_VERSION}; ${apiVersions().slice(0, -1).join(', ')} can be read too`,
    });
  }
  const findings = checkTree(tree, schema, { variables: env === undefined, formats });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw invalid(name, errors);
  return {
    apiVersion,
    config: migrate(plainValues(tree) as Record<string, unknown>),
    warnings: findings,
    placeOf: path => find(tree, path),
  };
}

function treeOf(text: string, name: string): MapNode {
  let tree: TreeNode | undefined;
  try {
    tree = parseTree(text);
  } catch (error) {
    if (!(error instanceof NotYaml)) throw error;
    const { line, column } = error.place;
    throw notYaml(name, `line ${line}:${column}: ${error.message}`);
  }
  if (tree === undefined) throw notYaml(name, 'it is empty');
  if (tree.kind !== 'map') throw notYaml(name, `line ${tree.line}:${tree.column}: it holds no keys with values`);
  return tree;
}

function notYaml(name: string, why: string): K3duiError {
  return new K3duiError({
    code: 'CONFIG_NOT_YAML',
    message: `Failed to read config file ${name}: While parsing config: yaml: ${why}`,
    hint: `a config file is YAML that begins with apiVersion: ${API_VERSION} and kind: ${KIND}; see one: k3dui config init -o -`,
  });
}

function invalid(name: string, [first, ...others]: Finding[]): K3duiError {
  const more = others.map(finding => `${describeFinding(finding)}${finding.hint ? ` (${finding.hint})` : ''}`);
  return new K3duiError({
    code: 'CONFIG_INVALID',
    message: `Schema Validation failed for config file ${name}: ${describeFinding(first!)}`,
    hint: [first!.hint, ...more].filter(line => line !== undefined).join('\n') || undefined,
  });
}

function find(tree: TreeNode, path: string): Place | undefined {
  let node: TreeNode | undefined = tree;
  for (const step of path.split('.')) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key === step)?.value;
    else node = node?.kind === 'list' ? node.items[Number(step)] : undefined;
  }
  return node && { line: node.line, column: node.column };
}

function stringAt(tree: MapNode, key: string): string {
  const node = tree.entries.find(entry => entry.key === key)?.value;
  return node?.kind === 'scalar' ? node.text : '';
}
