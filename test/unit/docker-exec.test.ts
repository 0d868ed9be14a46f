import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FakeEngine, fakeEngine } from './fake-engine.ts';

let engine: FakeEngine;
beforeEach(async () => {
  engine = await fakeEngine();
});
afterEach(() => engine.close());

it('a command that ended takes no more input, and nobody waits for it to', async () => {
  engine.answer = (request, response) => {
    if (request.url?.endsWith('/x/exec')) return void response.writeHead(201).end('{"Id":"e"}');
    if (request.url?.endsWith('/json')) return void response.end('{"Running":false,"ExitCode":7}');
    // Docker 20.10 says that the output has ended, keeps the connection, and reads no more of the input.
    const { socket } = request;
    for (const event of ['data', 'end', 'close']) socket.removeAllListeners(event);
    socket.once('data', () => socket.pause().end());
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  };
  const docker = await engine.connect();
  const exec = await docker.execInteractive('x', ['tar', '-x'], { tty: false });
  const ended = (async () => {
    for await (const _ of exec.output);
  })();
  // More than any socket keeps.
  await exec.write(Buffer.alloc(16 * 1024 * 1024));
  await ended;
  expect(await exec.exitCode()).toBe(7);
  exec.close();
});
