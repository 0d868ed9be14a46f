import { readFileSync } from 'node:fs';
import { type Access, ask, askObject } from './http.ts';
import { readAccess } from './kubeconfig.ts';
import { isRecord, type KubeObject, StatusError } from './objects.ts';
import { version } from './paths.ts';
import { listPath, type Resource, resourceNamed, resourceOf } from './resources.ts';

/** The flags kubectl is given here that take a value. */
const valued = new Set([
  '-n',
  '--namespace',
  '-o',
  '--output',
  '-f',
  '--filename',
  '-l',
  '--selector',
  '--raw',
  '--timeout',
  '--grace-period',
  '--kubeconfig',
  '--patch',
  '-p',
  '--type',
  '--request-timeout',
]);

interface Line {
  words: string[];
  flags: Map<string, string>;
}

function parse(args: string[]): Line {
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, name = '', value] = /^(-[^=]*)(?:=([\s\S]*))?$/.exec(args[i] ?? '') ?? [];
    if (name === '' || args[i] === '-') words.push(args[i] ?? '');
    else if (value !== undefined) flags.set(name, value);
    else flags.set(name, valued.has(name) ? (args[++i] ?? '') : 'true');
  }
  return { words, flags };
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const namespaceOf = (line: Line): string => line.flags.get('-n') ?? line.flags.get('--namespace') ?? 'default';

function known(word: string): Resource {
  const found = resourceNamed(word);
  if (!found) throw new Error(`error: the server doesn't have a resource type "${word}"`);
  return found;
}

async function read(file: string): Promise<KubeObject[]> {
  const { loadAll } = await import('js-yaml');
  return loadAll(readFileSync(file === '-' ? 0 : file, 'utf8')).filter(isRecord) as KubeObject[];
}

async function apply(access: Access, line: Line): Promise<void> {
  const file = line.flags.get('-f') ?? line.flags.get('--filename');
  if (file === undefined) throw new Error('error: must specify one of -f and -k');
  for (const object of await read(file)) {
    const resource = resourceOf(object.apiVersion, object.kind);
    const path = listPath(resource, object.metadata.namespace ?? namespaceOf(line));
    const label = `${resource.kind.toLowerCase()}${resource.group ? `.${resource.group}` : ''}/${object.metadata.name}`;
    try {
      await askObject(access, 'POST', path, object);
      say(`${label} created`);
    } catch (cause) {
      if (!(cause instanceof StatusError) || cause.reason !== 'AlreadyExists') throw cause;
      await askObject(access, 'PATCH', `${path}/${object.metadata.name}`, object, 'application/merge-patch+json');
      say(`${label} configured`);
    }
  }
}

function jsonPath(value: unknown, expression: string): string {
  const steps = expression
    .replace(/[{}]/g, '')
    .split(/\.|\[|\]/)
    .filter(Boolean);
  let here = [value];
  for (const step of steps)
    here = here.flatMap(v => {
      if (step === '*') return Array.isArray(v) ? v : Object.values(isRecord(v) ? v : {});
      if (Array.isArray(v)) return [v[Number(step)]];
      return isRecord(v) && step in v ? [v[step]] : [];
    });
  return here.map(v => (typeof v === 'string' ? v : JSON.stringify(v))).join(' ');
}

async function show(value: unknown, format: string): Promise<void> {
  if (format === 'json') say(JSON.stringify(value, null, 4));
  else if (format === 'yaml') process.stdout.write((await import('js-yaml')).dump(value));
  else if (format.startsWith('jsonpath=')) process.stdout.write(jsonPath(value, format.slice(9)));
  else throw new Error(`error: unable to match a printer suitable for the output format "${format}"`);
}

interface Table {
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[]; object: KubeObject }[];
}

function printTable(table: Table, wide: boolean, namespaces: boolean, headers: boolean): void {
  const shown = table.columnDefinitions.map((c, i) => ({ ...c, i })).filter(c => wide || c.priority === 0);
  const lines = table.rows.map(row => [
    ...(namespaces ? [row.object.metadata.namespace ?? ''] : []),
    ...shown.map(c => String(row.cells[c.i])),
  ]);
  const head = [...(namespaces ? ['NAMESPACE'] : []), ...shown.map(c => c.name.toUpperCase())];
  const all = headers ? [head, ...lines] : lines;
  const widths = head.map((_, i) => Math.max(...all.map(line => (line[i] ?? '').length)));
  for (const line of all)
    say(line.map((cell, i) => (i === line.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 3))).join(''));
}

async function get(access: Access, line: Line): Promise<void> {
  const raw = line.flags.get('--raw');
  if (raw !== undefined) {
    const answer = await ask(access, 'GET', raw);
    if (answer.status >= 400) throw new Error(`Error from server: ${answer.text}`);
    process.stdout.write(answer.text);
    return;
  }
  const everywhere = line.flags.has('-A') || line.flags.has('--all-namespaces');
  const format = line.flags.get('-o') ?? line.flags.get('--output') ?? '';
  const [, words = '', ...names] = line.words;
  const [kind = '', inline] = words.split('/');
  if (inline !== undefined) names.unshift(inline);
  const resource = known(kind);
  const base = listPath(resource, everywhere ? undefined : namespaceOf(line));
  const label = line.flags.get('-l') ?? line.flags.get('--selector');
  const path =
    names[0] === undefined
      ? `${base}${label === undefined ? '' : `?labelSelector=${encodeURIComponent(label)}`}`
      : `${base}/${names[0]}`;
  if (format !== '' && format !== 'wide' && format !== 'name')
    return show(await askObject(access, 'GET', path), format);
  const answer = await ask(access, 'GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  const table = JSON.parse(answer.text) as Table & { message?: string; reason?: string };
  if (answer.status >= 400) throw new StatusError(answer.status, table.reason ?? '', table.message ?? '');
  if (format === 'name')
    for (const row of table.rows) say(`${resource.kind.toLowerCase()}/${row.object.metadata.name}`);
  else if (table.rows.length === 0) process.stderr.write('No resources found\n');
  else printTable(table, format === 'wide', everywhere, !line.flags.has('--no-headers'));
}

async function cordon(access: Access, name: string, on: boolean): Promise<void> {
  const path = `/api/v1/nodes/${name}`;
  const node = await askObject(access, 'GET', path);
  const word = on ? 'cordoned' : 'uncordoned';
  if (Boolean(isRecord(node.spec) && node.spec.unschedulable) === on) return say(`node/${name} already ${word}`);
  await askObject(access, 'PATCH', path, { spec: { unschedulable: on ? true : null } }, 'application/merge-patch+json');
  say(`node/${name} ${word}`);
}

async function drain(access: Access, name: string): Promise<void> {
  await cordon(access, name, true);
  const pods = await askObject(access, 'GET', `/api/v1/pods?fieldSelector=spec.nodeName=${name}`);
  for (const pod of (pods.items as KubeObject[]) ?? []) {
    if (
      pod.metadata.ownerReferences !== undefined &&
      JSON.stringify(pod.metadata.ownerReferences).includes('DaemonSet')
    )
      continue;
    await askObject(
      access,
      'DELETE',
      `${listPath(resourceOf('v1', 'Pod'), pod.metadata.namespace)}/${pod.metadata.name}`,
    );
    say(`pod/${pod.metadata.name} evicted`);
  }
  say(`node/${name} drained`);
}

async function remove(access: Access, line: Line): Promise<void> {
  const [, words = '', ...names] = line.words;
  const [kind = '', inline] = words.split('/');
  const resource = known(kind);
  for (const name of inline === undefined ? names : [inline]) {
    await askObject(access, 'DELETE', `${listPath(resource, namespaceOf(line))}/${name}`);
    say(`${resource.kind.toLowerCase()} "${name}" deleted`);
  }
}

async function perform(access: Access, line: Line): Promise<void> {
  const [verb = '', first = '', second = ''] = line.words;
  const node = first === 'node' || first === 'nodes' ? second : first.replace(/^nodes?\//, '');
  if (verb === 'get') return get(access, line);
  if (verb === 'apply' || verb === 'create') return apply(access, line);
  if (verb === 'delete') return remove(access, line);
  if (verb === 'cordon' || verb === 'uncordon') return cordon(access, node, verb === 'cordon');
  if (verb === 'drain') return drain(access, node);
  if (verb === 'version') return say(`Client Version: ${version()}\nServer Version: ${version()}`);
  if (verb === 'cluster-info') return say(`Kubernetes control plane is running at ${access.url}`);
  throw new Error(`error: unknown command "${verb}" for "kubectl" (the stand-in knows few)`);
}

/** The few commands of kubectl that are run inside nodes. @returns the exit code */
export async function kubectl(args: string[]): Promise<number> {
  const line = parse(args);
  const access = readAccess();
  try {
    if (!access)
      throw new Error(
        'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
      );
    await perform(access, line);
    return 0;
  } catch (cause) {
    const refused = (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    if (refused)
      process.stderr.write(
        `The connection to the server ${new URL(access?.url ?? '').host} was refused - did you specify the right host or port?\n`,
      );
    else if (cause instanceof StatusError)
      process.stderr.write(`Error from server (${cause.reason}): ${cause.message}\n`);
    else process.stderr.write(`${(cause as Error).message}\n`);
    return 1;
  }
}
