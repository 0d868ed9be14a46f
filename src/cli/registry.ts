import type { Command } from 'commander';
import { addDryRunFlags, addTableFlags, collect, flag, handle, type Session } from './command.ts';
import { connectRegistry, disconnectRegistry, type RegistryConnectFlags } from './registry-connect.ts';
import {
  type CollectFlags,
  type CopyFlags,
  collectGarbage,
  copyImages,
  type DeleteTagFlags,
  deleteTags,
  listContent,
  type PushFlags,
  pushImages,
} from './registry-content.ts';
import { addRegistryCreateFlags, createRegistry, type RegistryCreateFlags } from './registry-create.ts';
import { listRegistries, type RegistryListFlags } from './registry-list.ts';
import {
  deleteRegistries,
  type RegistryDeleteFlags,
  restartRegistries,
  startRegistries,
  stopRegistries,
} from './registry-power.ts';
import { showReferences } from './registry-references.ts';

/** `registry …`: k3d's create, list and delete (cmd/registry), and what we add. */
export function addRegistryCommands(program: Command, session: Session): void {
  const registry = program
    .command('registry')
    .aliases(['registries', 'reg'])
    .description('make registries, connect them to clusters, see and change what is in them');

  const create = registry.command('create [NAME]').description('make a registry');
  addRegistryCreateFlags(create);
  handle<RegistryCreateFlags>(create, session, createRegistry);

  const list = registry
    .command('list [NAME...]')
    .aliases(['ls', 'get'])
    .description('list registries, all or those named');
  addTableFlags(list);
  handle<RegistryListFlags>(list, session, listRegistries);

  const start = registry.command('start NAME...').description('start registries and wait until they answer');
  addDryRunFlags(start);
  handle(start, session, startRegistries);
  const stop = registry.command('stop NAME...').description('stop registries');
  addDryRunFlags(stop);
  handle(stop, session, stopRegistries);
  const restart = registry.command('restart NAME...').description('stop registries and start them again');
  addDryRunFlags(restart);
  handle(restart, session, restartRegistries);

  const remove = registry
    .command('delete [NAME...]')
    .aliases(['del', 'rm'])
    .description('delete registries with the images in them; those in a volume stay');
  flag(remove, '-a, --all', 'delete all registries');
  addDryRunFlags(remove);
  handle<RegistryDeleteFlags>(remove, session, deleteRegistries);

  const connect = registry
    .command('connect NAME')
    .description('let clusters, running or not, pull from a registry')
    .option('-c, --cluster <cluster>', 'the cluster *', collect);
  addDryRunFlags(connect);
  handle<RegistryConnectFlags>(connect, session, connectRegistry);
  const disconnect = registry
    .command('disconnect NAME')
    .description('take a registry out of clusters')
    .option('-c, --cluster <cluster>', 'the cluster *', collect);
  addDryRunFlags(disconnect);
  handle<RegistryConnectFlags>(disconnect, session, disconnectRegistry);

  const references = registry
    .command('references NAME [IMAGE]')
    .alias('refs')
    .description('the names of an image in a registry, each tried: in the cluster, on this host, for both')
    .option('-o, --output <format>', 'json or yaml instead of a table');
  handle<{ output?: string }>(references, session, showReferences);

  const browse = registry
    .command('browse NAME [REPOSITORY]')
    .description('what is in a registry: its repositories, or the tags of one with size, digest and platforms');
  addTableFlags(browse);
  handle<RegistryListFlags>(browse, session, listContent);

  const push = registry
    .command('push NAME IMAGE...')
    .description("push Docker's images to a registry; no tag is left behind in Docker")
    .option('--as <name>', 'name of the image in the registry, REPOSITORY[:TAG]; for one image');
  addDryRunFlags(push);
  handle<PushFlags>(push, session, pushImages);

  const deleteTag = registry
    .command('delete-tag NAME IMAGE...')
    .description('delete REPOSITORY:TAG from a registry; other tags of the same image stay');
  flag(deleteTag, '--collect', 'then free the disk of what no tag leads to, and restart the registry');
  addDryRunFlags(deleteTag);
  handle<DeleteTagFlags>(deleteTag, session, deleteTags);

  const collectCommand = registry
    .command('collect NAME')
    .alias('gc')
    .description("free a registry's disk of what no tag leads to, and restart it");
  flag(collectCommand, '--untagged', 'also of images that have no tag any more (default: yes)');
  addDryRunFlags(collectCommand);
  handle<CollectFlags>(collectCommand, session, collectGarbage);

  const copy = registry
    .command('copy NAME IMAGE...')
    .description('have the nodes of a cluster pull REPOSITORY:TAG from a registry')
    .option('-c, --cluster <cluster>', 'the cluster *', collect);
  addDryRunFlags(copy);
  handle<CopyFlags>(copy, session, copyImages);
}
