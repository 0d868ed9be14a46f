import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { pack } from 'tar-stream';
import type { Endpoint } from '../../src/docker/docker.ts';
import { readAll } from '../../src/docker/modem.ts';

const IMAGE = 'k3dui-test-busybox:1';

/**
 * The reference of a tiny image with busybox in it, made on the engine when it is not there yet, from the machine's
 * own static busybox (Debian: busybox-static). Left on the engine for the next run: a few hundred kB.
 */
export async function busyboxImage(endpoint: Endpoint): Promise<string> {
  const socketPath = endpoint.address.replace(/^unix:\/\//, '');
  if ((await send(socketPath, 'GET', `/images/${IMAGE}/json`)) === 200) return IMAGE;
  const archive = pack();
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, readFileSync('/bin/busybox'));
  for (const applet of execFileSync('/bin/busybox', ['--list']).toString().trim().split('\n')) {
    if (applet !== 'busybox') archive.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  }
  archive.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  archive.finalize();
  const body = await readAll(archive as never);
  const [repo, tag] = IMAGE.split(':');
  const query = new URLSearchParams({ fromSrc: '-', repo: repo!, tag: tag!, changes: 'ENV PATH=/bin' });
  const status = await send(socketPath, 'POST', `/images/create?${query}`, body);
  if (status !== 200) throw new Error(`the engine did not take the busybox image: ${status}`);
  return IMAGE;
}

function send(socketPath: string, method: string, path: string, body?: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = body && { 'Content-Type': 'application/x-tar', 'Content-Length': body.length };
    const request = http.request({ socketPath, method, path, headers }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(body);
  });
}
