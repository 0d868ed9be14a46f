import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { writeContainerdConfig } from './containerd.ts';
import type { Faults } from './faults.ts';
import type { Flags } from './flags.ts';
import { type Access, ask } from './http.ts';
import { runKubelet } from './kubelet.ts';
import { error, fatal, info } from './log.ts';
import { ownAddress, parseLabels, parseTaints } from './node.ts';
import { agentDirectory, nodePasswordFile, readIfThere, version, writeFile } from './paths.ts';

const retryAfter = 1000;
const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));

/** The password that ties a node's name to this container: made once, kept in the container. */
export function nodePassword(): string {
  const kept = readIfThere(nodePasswordFile);
  if (kept !== undefined) return kept.trim();
  const fresh = randomBytes(16).toString('hex');
  writeFile(nodePasswordFile, `${fresh}\n`);
  return fresh;
}

/** The bare password of a token, which may come as `K10<hash of the authority>::node:<password>`. */
export const bareToken = (token: string): string => token.trim().split('::').at(-1)?.split(':').at(-1) ?? '';

/** Fetches the authority and a client certificate for this node. @throws Error with the text k3s logs. */
async function enrol(url: string, token: string, name: string): Promise<Access> {
  const server: Access = { url, basic: `node:${bareToken(token)}` };
  const cacerts = await ask(server, 'GET', '/cacerts');
  if (cacerts.status !== 200) throw new Error(`${url}/cacerts: ${cacerts.status}`);
  const path = '/v1-k3s/client-kubelet.crt';
  const headers = { 'k3s-node-name': name, 'k3s-node-password': nodePassword() };
  const answer = await ask({ ...server, ca: cacerts.text }, 'GET', path, undefined, headers);
  if (answer.status !== 200) throw new Error(`${url}${path}: ${answer.status} ${answer.text.trim()}`);
  const { cert, key } = JSON.parse(answer.text) as { cert: string; key: string };
  writeFile(`${agentDirectory}/client-kubelet.crt`, cert, 0o644);
  writeFile(`${agentDirectory}/client-kubelet.key`, key);
  return { url, ca: cacerts.text, cert, key };
}

/** `k3s agent`: joins the server at K3S_URL with the token and keeps trying until it is let in, as k3s does. */
export async function runAgent(flags: Flags, faults: Faults, args: string[]): Promise<void> {
  const url = flags.last('server') ?? process.env.K3S_URL ?? '';
  const tokenFile = flags.last('token-file');
  const token =
    flags.last('token') ?? process.env.K3S_TOKEN ?? (tokenFile === undefined ? undefined : readIfThere(tokenFile));
  if (token === undefined || token === '') fatal('--token is required');
  if (url === '') fatal('--server is required');
  const name = flags.last('node-name') ?? hostname();
  info(`Starting k3s agent ${version()} (5ab1e0d5)`);
  info(`Running load balancer k3s-agent-load-balancer 127.0.0.1:6444 -> [${new URL(url).host}]`);

  const node = {
    name,
    role: 'agent' as const,
    etcd: false,
    ip: flags.last('node-ip') ?? ownAddress(),
    labels: parseLabels(flags.all('node-label')),
    taints: parseTaints(flags.all('node-taint')),
    args,
    ready: true,
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const access = await enrol(url, token, name);
      writeContainerdConfig(flags.last('snapshotter'));
      info('Containerd is now running');
      if (faults.slow > 0) await pause(faults.slow);
      await runKubelet(access, node, faults.nodeReady);
      info('k3s agent is up and running');
      return;
    } catch (cause) {
      error(
        `Failed to validate connection to cluster at ${url}: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
      await pause(attempt < 5 ? 200 : retryAfter);
    }
  }
}
