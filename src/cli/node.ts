import type { Command } from 'commander';
import type { Node } from '../engine/model.ts';
import { sanitise } from '../text.ts';
import { addDryRunFlags, addTableFlags, flag, handle, type Run, type Session } from './command.ts';
import { k3dNode } from './k3d-json.ts';
import { addNodeCreateFlags, createNodes, type NodeCreateFlags } from './node-create.ts';
import { addNodeEdit } from './node-edit.ts';
import { addNodeLogs } from './node-logs.ts';
import {
  deleteNodes,
  type NodeDeleteFlags,
  type NodePowerFlags,
  restartNodes,
  startNodes,
  stopNodes,
} from './node-power.ts';
import { attachToNode, shellInNode } from './node-shell.ts';
import { inspectNodes, nodeNamed, picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { withoutSecrets } from './redact.ts';
import { formatTable } from './table.ts';

interface NodeListFlags {
  headers?: boolean;
  token?: boolean;
  output?: string;
}

/** `node list|edit`. k3d cmd/node. */
export function addNodeCommands(program: Command, session: Session): Command {
  const node = program.command('node').alias('nodes').description('add, look at, start, stop and delete nodes');
  const list = node.command('list [NODE...]').aliases(['ls', 'get']).description('list nodes, all or those named');
  addTableFlags(list);
  flag(list, '--token', "show clusters' tokens in JSON and YAML");
  handle<NodeListFlags>(list, session, listNodes);
  addNodeEdit(node, session);

  const create = node.command('create NAME').description('add nodes to a cluster');
  addNodeCreateFlags(create);
  handle<NodeCreateFlags>(create, session, createNodes);

  const start = node.command('start NAME...').description('start nodes');
  flag(start, '--wait', 'wait until they have joined again');
  start.option('--timeout <duration>', 'how long it may take, for example 90s or 5m');
  addDryRunFlags(start);
  handle<NodePowerFlags>(start, session, startNodes);

  const stop = node.command('stop NAME...').description('stop nodes');
  stop.option('--timeout <duration>', 'how long it may take, for example 90s or 5m');
  addDryRunFlags(stop);
  handle<NodePowerFlags>(stop, session, stopNodes);

  const restart = node.command('restart NAME...').description('stop nodes and start them again');
  flag(restart, '--wait', 'wait until they have joined again (default: yes; --wait=false: only until they run)');
  restart.option('--timeout <duration>', 'how long it may take, for example 90s or 5m');
  addDryRunFlags(restart);
  handle<NodePowerFlags>(restart, session, restartNodes);

  const shell = node
    .command('shell NAME [COMMAND...]')
    .alias('exec')
    .description('a shell in a node, or one command: node shell NAME -- ls /');
  handle(shell, session, shellInNode);

  const attach = node.command('attach NAME').description("what the node's own process prints from now on");
  handle(attach, session, attachToNode);

  addNodeLogs(node, session);

  const remove = node
    .command('delete [NAME...]')
    .aliases(['del', 'rm'])
    .description('delete nodes: their pods move first, ports, Kubernetes and etcd let go of them');
  flag(remove, '-a, --all', 'delete all nodes of all clusters');
  flag(remove, '-r, --registries', 'with --all: registries too');
  flag(remove, '--drain', 'let the pods come up elsewhere first (--drain=false: at once)');
  flag(remove, '--force', 'also the only server, and when Kubernetes does not answer');
  remove.option('--timeout <duration>', 'how long it may take, for example 90s or 5m');
  addDryRunFlags(remove);
  handle<NodeDeleteFlags>(remove, session, deleteNodes);
  return node;
}

async function listNodes(run: Run<NodeListFlags>): Promise<undefined> {
  const { args, flags, io } = run;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const chosen = args.length > 0 ? [...new Set(args)].map(name => nodeNamed(snapshot, name)) : snapshot.nodes;
  const nodes = [...chosen].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (!format) {
    io.stdout.write(nodeTable(nodes, flags));
    return;
  }
  const rows = (await inspectNodes(engine, nodes, signal)).map(k3dNode);
  await printStructured(io.stdout, format, flags.token ? rows : rows.map(withoutSecrets));
}

/** `NAME ROLE CLUSTER STATUS`, as k3d prints it; without headers an empty line is left of them, as in k3d. */
export function nodeTable(nodes: Node[], flags: { headers?: boolean }): string {
  const rows = nodes.map(node => [node.name, roleName(node), node.cluster, node.state].map(sanitise));
  return flags.headers === false
    ? `\n${formatTable(rows)}`
    : formatTable([['NAME', 'ROLE', 'CLUSTER', 'STATUS'], ...rows]);
}

/** k3d calls tools nodes and the like `noRole`. */
function roleName(node: Node): string {
  return node.role === 'tools' || node.role === 'unknown' ? (node.labels['k3d.role'] ?? '') : node.role;
}
