import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

/** Makes an image of one small file in the engine, different for each text, and gives its id. */
export async function makeTinyImage(docker: Docker, reference: string, text: string): Promise<string> {
  const tar = pack();
  tar.entry({ name: 'hello.txt' }, text);
  tar.finalize();
  const colon = reference.lastIndexOf(':');
  const stream = await docker.importImage(tar.pipe(new PassThrough()), {
    repo: reference.slice(0, colon),
    tag: reference.slice(colon + 1),
  });
  for await (const _ of stream);
  return (await docker.getImage(reference).inspect()).Id;
}
