import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Doing, type Sweep, sweeps } from './sweep-kit.ts';

/** Images in nodes, with every call to Docker going wrong (see sweep-kit.ts). */
const IMAGES = ['shop/web:1.4.2', 'busybox:1.36'];
const CLUSTERS = ['keeper', 'other'];
const cleared: Doing = async ({ must }) => {
  for (const cluster of CLUSTERS) {
    const held = await must('image', 'list', '-c', cluster, '-o', 'json');
    const wanted = [...IMAGES, 'postgres:17-alpine', 'shop/web:dev'].filter(image => held.includes(image));
    if (wanted.length > 0) await must('image', 'remove', ...wanted, '-c', cluster);
  }
};

sweeps({
  base: async ({ must, home, engine }) => {
    await must('cluster', 'create', 'keeper', '--agents', '1');
    await must('cluster', 'create', 'other');
    await engine.docker.tagImage('shop/web:1.4.2', 'shop/web:latest');
    const pieces: Buffer[] = [];
    for await (const piece of engine.docker.saveImages(['shop/web:1.4.2'])) pieces.push(piece);
    await writeFile(join(home, 'web.tar'), Buffer.concat(pieces));
  },
  // What each node holds, by name and id, and what Docker holds.
  async more({ must, engine }) {
    const lists = CLUSTERS.map(async cluster => JSON.parse(await must('image', 'list', '-c', cluster, '-o', 'json')));
    const listed = (await Promise.all(lists)).flat() as { image: string; nodes: { node: string; id: string }[] }[];
    const docker = (await engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    return [
      ...listed.flatMap(({ image, nodes }) => nodes.map(({ node, id }) => `${node} holds ${image} ${id}`)),
      ...docker.map(tag => `Docker holds ${tag}`),
    ];
  },
  of({ home }): Record<string, Sweep> {
    const imported = ['image', 'import', ...IMAGES, '-c', 'keeper'];
    return {
      'image import': { argv: imported, after: [cleared], between: 'some nodes hold some of the images', every: 3 },
      'image import ARCHIVE': {
        argv: ['image', 'import', join(home, 'web.tar'), '-c', 'keeper'],
        after: [cleared],
        between: 'some nodes hold it',
        every: 2,
      },
      'image import - --unpack': {
        argv: ['image', 'import', '-', '--unpack', '-c', 'keeper'],
        stdin: join(home, 'web.tar'),
        after: [cleared],
        between: 'some nodes hold it',
        every: 3,
      },
      'image import --retag, of what the nodes do not hold': {
        argv: ['image', 'import', 'shop/web:latest', '--retag', 'dev', '-c', 'keeper'],
        after: [cleared],
        between: 'some nodes hold it',
        every: 4,
      },
      'image import --retag, of what the nodes hold under another name': {
        argv: ['image', 'import', 'shop/web:latest', '--retag', 'dev', '-c', 'keeper'],
        before: [['image', 'import', 'shop/web:1.4.2', '-c', 'keeper']],
        after: [cleared],
        between: 'some nodes hold it under that name too',
        every: 2,
      },
      'image import into several clusters': {
        argv: ['image', 'import', ...IMAGES, '-c', 'keeper', '-c', 'other'],
        after: [cleared],
        between: 'some nodes hold some of the images',
        every: 6,
      },
      'image remove': {
        argv: ['image', 'remove', IMAGES[0]!, '-c', 'keeper'],
        before: [imported],
        after: [cleared],
        between: 'some nodes hold it no more',
        every: 2,
      },
      'image pull': {
        argv: ['image', 'pull', 'postgres:17-alpine', '-c', 'keeper'],
        after: [cleared],
        between: 'some nodes hold it',
      },
    };
  },
});
