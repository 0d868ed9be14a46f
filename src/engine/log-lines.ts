import type { LogChunk } from '../docker/docker.ts';

/** A container's output line by line, both streams, without line ends. A last line without an end counts too. */
export async function* logLines(chunks: AsyncIterable<LogChunk>): AsyncIterable<string> {
  const rest = { stdout: '', stderr: '' };
  for await (const { stream, data } of chunks) {
    const lines = (rest[stream] + data.toString('utf8')).split('\n');
    rest[stream] = lines.pop() ?? '';
    yield* lines;
  }
  for (const line of [rest.stdout, rest.stderr]) if (line !== '') yield line;
}
