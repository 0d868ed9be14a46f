import type { Command } from 'commander';
import { addDryRunFlags, addTableFlags, collect, flag, handle, type Session } from './command.ts';
import { explain, SEVERAL } from './explain.ts';
import { type ImageChangeFlags, pullImages, removeImages, verifyImages } from './image-change.ts';
import { imageHistory } from './image-history.ts';
import { type ImageImportFlags, importImages } from './image-import.ts';
import { type ImageListFlags, listImages } from './image-list.ts';

/** `image import|list|history|remove|pull|verify`. k3d cmd/image has only the first. */
export function addImageCommands(program: Command, session: Session): void {
  const image = program.command('image').alias('images').description("images in the clusters' nodes");

  const load = image
    .command('import [IMAGE|ARCHIVE|-...]')
    .alias('load')
    .description("stream images from Docker, from archives or from standard input into the nodes' containerd")
    .option('-c, --cluster <cluster>', 'cluster to import into (default: k3s-default) *', collect)
    .option(
      '--retag <tag>',
      'images called :latest get this tag in the nodes, as Kubernetes would ask the registry otherwise',
    )
    .option(
      '-m, --mode <mode>',
      'auto, direct, tools-node or tools (default: tools-node): all the same here, nothing is put on a disk between',
    );
  flag(load, '--unpack', 'unpack on every node at once, instead of on those that run the image, when they first do');
  flag(load, '-k, --keep-tarball', 'accepted for k3d: there is no tarball');
  flag(load, '-t, --keep-tools', 'accepted for k3d: there is no tools node');
  addDryRunFlags(load);
  explain(
    load,
    SEVERAL,
    'A file of that name is taken for an archive (what docker save writes, also compressed), anything else for an image in Docker. Layers that a node has already are not sent; what a node holds already is left alone.',
  );
  handle<ImageImportFlags>(load, session, importImages);

  const list = image
    .command('list [IMAGE...]')
    .aliases(['ls', 'get'])
    .description('what the nodes hold, which nodes miss an image, and which hold an older one than Docker')
    .option('-c, --cluster <cluster>', 'of this cluster only *', collect)
    .option('--node <node>', 'of this node only *', collect);
  addTableFlags(list);
  handle<ImageListFlags>(list, session, listImages);

  const history = image
    .command('history IMAGE')
    .description('how an image in the nodes was built: its steps and layers, the latest first')
    .option('-c, --cluster <cluster>', 'as a node of this cluster tells *', collect)
    .option('--node <node>', 'as this node tells *', collect);
  addTableFlags(history);
  handle<ImageListFlags>(history, session, imageHistory);

  const remove = image
    .command('remove IMAGE...')
    .aliases(['rm', 'delete', 'del'])
    .description('take images out of nodes')
    .option('-c, --cluster <cluster>', 'out of this cluster (default: k3s-default) *', collect)
    .option('--node <node>', 'out of this node only *', collect);
  addDryRunFlags(remove);
  handle<ImageChangeFlags>(remove, session, removeImages);

  const verify = image
    .command('verify IMAGE...')
    .description('look whether images in nodes are whole')
    .option('-c, --cluster <cluster>', 'in this cluster (default: k3s-default) *', collect)
    .option('--node <node>', 'in this node only *', collect);
  handle<ImageChangeFlags>(verify, session, verifyImages);

  const pull = image
    .command('pull IMAGE...')
    .description("have the nodes pull images, by their own registries' settings")
    .option('-c, --cluster <cluster>', 'into this cluster (default: k3s-default) *', collect)
    .option('--node <node>', 'into this node only *', collect);
  addDryRunFlags(pull);
  handle<ImageChangeFlags>(pull, session, pullImages);
}
