/**
 * The bare Docker calls behind a create, one after another, without any of k3dui's engine: what a shell script with curl
 * would do. Reads a plan (`k3dui cluster create … --dry-run -o json`) from the file named first, makes its objects,
 * starts the containers and ends when the Kubernetes API answers.
 */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { pack } from 'tar-stream';
import type { Plan } from '../../src/engine/plan.ts';

const [planFile = '', socketPath = '/var/run/docker.sock'] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan;

function docker(method: string, path: string, body?: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const type = Buffer.isBuffer(payload) ? 'application/x-tar' : 'application/json';
    const headers = payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) };
    const call = httpRequest({ socketPath, method, path, headers }, answer => {
      let text = '';
      answer.on('data', (data: Buffer) => {
        text += data;
      });
      answer.on('end', () => (answer.statusCode! < 400 ? resolve() : reject(new Error(`${method} ${path}: ${text}`))));
    });
    call.on('error', reject).end(payload);
  });
}

async function archive(files: { path: string; content: string; mode: number }[]): Promise<Buffer> {
  const tar = pack();
  for (const file of files) tar.entry({ name: file.path.slice(1), mode: file.mode }, file.content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Any answer of the API's: without a certificate it says 401, once it serves. */
function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const call = httpsRequest(
      { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false, timeout: 1000 },
      answer => {
        answer.resume();
        resolve(answer.statusCode === 200 || answer.statusCode === 401);
      },
    );
    call
      .on('timeout', () => call.destroy())
      .on('error', () => resolve(false))
      .end();
  });
}

for (const { action } of plan.steps) {
  switch (action.kind) {
    case 'network.create':
      await docker('POST', '/networks/create', action.body);
      break;
    case 'volume.create':
      await docker('POST', '/volumes/create', { Name: action.name, Labels: action.labels });
      break;
    case 'container.create':
      await docker('POST', `/containers/create?name=${action.name}`, action.body);
      break;
    case 'files.write':
      await docker(
        'PUT',
        `/containers/${action.container}/archive?path=/`,
        await archive(action.files as Parameters<typeof archive>[0]),
      );
      break;
    case 'container.start':
      await docker('POST', `/containers/${action.container}/start`);
      break;
    case 'ready':
      if (action.what.check === 'api') while (!(await answers(action.what.api.port))) await sleep(20);
      break;
  }
}
