import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';

/** Sends an archive as an answer. Whoever asked may go away in the middle. */
export async function sendArchive(tar: Pack, res: ServerResponse): Promise<void> {
  await pipeline(pieces(tar), res).catch(() => {});
}

/** An archive that is left is ended so; told of an error, each of its entries would throw it. */
async function* pieces(tar: Pack): AsyncGenerator<Buffer> {
  for await (const piece of tar) yield piece as Buffer;
}
