import { isIP } from 'node:net';
import { commandLine } from '../../../config/command-line.ts';
import type { Cluster, Node } from '../../model.ts';
import { type Check, clusterCheck } from '../check.ts';
import type { Symptom } from '../finding.ts';
import { line } from '../remedies.ts';

/** What no proxy can reach: pods, Services and their names. k3s' defaults. */
const INSIDE = ['10.42.0.0/16', '10.43.0.0/16', '.svc', '.cluster.local'];

export interface ProxyFacts {
  cluster: Cluster;
  /** Environment of its servers and agents that names a proxy. */
  nodes: { node: Node; proxy: string; noProxy: string }[];
  /** Range of the cluster's network. */
  subnet: string;
  registries: string[];
  /** Docker's own proxy; empty: none. */
  engineProxy: string;
  engineNoProxy: string;
  /** The shell's own. */
  shellProxy: string;
  shellNoProxy: string;
  apiHost: string;
}

/** Proxies that swallow what should stay inside, or that nodes do not know of. */
function judgeProxies(facts: ProxyFacts): Symptom[] {
  const { cluster, nodes, subnet, registries, engineProxy, engineNoProxy, shellProxy, shellNoProxy, apiHost } = facts;
  const found: Symptom[] = [];
  const inside = [...INSIDE, ...(subnet ? [subnet] : []), ...registries];
  const blind = nodes.flatMap(({ node, proxy, noProxy }) => {
    const missing = inside.filter(name => !covers(noProxy, name));
    return missing.length > 0 ? [{ node, proxy, noProxy, missing }] : [];
  });
  const [first] = blind;
  if (first) {
    found.push({
      severity: 'warning',
      subject: 'nodes',
      message: `nodes of ${cluster.name} ask the proxy for what is inside the cluster: NO_PROXY lacks ${first.missing.join(', ')}`,
      evidence: blind.map(
        ({ node, proxy, noProxy }) => `${node.name}: proxy ${withoutPassword(proxy)}, NO_PROXY=${noProxy || '(none)'}`,
      ),
      remedy: line(
        'an environment cannot be changed later: make the cluster anew with this NO_PROXY',
        commandLine`k3dui cluster create ${cluster.name} --env ${`NO_PROXY=${[...split(first.noProxy), ...first.missing].join(',')}@server:*;agent:*`}`,
      ),
    });
  }
  if (engineProxy !== '' && nodes.length === 0) {
    found.push({
      severity: 'warning',
      subject: 'Docker',
      message: `Docker pulls through a proxy, but the nodes of ${cluster.name} know none: they may pull nothing`,
      evidence: [`docker info: HTTP(S) proxy ${withoutPassword(engineProxy)}, NO_PROXY=${engineNoProxy || '(none)'}`],
      remedy: line(
        'make the cluster anew with the proxy in its environment',
        commandLine`k3dui cluster create ${cluster.name} --env ${`HTTPS_PROXY=${withoutPassword(engineProxy)}@server:*;agent:*`} --env ${`NO_PROXY=${inside.join(',')}@server:*;agent:*`}`,
      ),
    });
  }
  // Programs in Go (kubectl, helm) leave loopback out by themselves.
  if (shellProxy !== '' && apiHost !== '' && !isLoopback(apiHost) && !covers(shellNoProxy, apiHost)) {
    found.push({
      severity: 'warning',
      subject: 'shell',
      message: `kubectl asks the proxy for the API of ${cluster.name}: NO_PROXY of this shell lacks ${apiHost}`,
      evidence: [`HTTPS_PROXY=${withoutPassword(shellProxy)}`, `NO_PROXY=${shellNoProxy || '(none)'}`],
      remedy: line('leave it out', commandLine`export NO_PROXY=${[...split(shellNoProxy), apiHost].join(',')}`),
    });
  }
  return found;
}

const split = (list: string): string[] => list.split(/[\s,]+/).filter(Boolean);

/** Whether NO_PROXY names it, itself or by a domain or range around it. */
function covers(noProxy: string, name: string): boolean {
  return split(noProxy).some(entry => {
    if (entry === '*' || entry === name) return true;
    const bare = entry.replace(/^\*?\./, '');
    if (name.replace(/^\./, '') === bare) return true;
    if (!/[/\d]$/.test(name) && name.endsWith(`.${bare}`)) return true;
    return within(name, entry);
  });
}

/** Whether an address or range lies in a range. */
function within(name: string, range: string): boolean {
  const [address = '', bits = '32'] = name.split('/');
  const [base = '', length] = range.split('/');
  if (isIP(address) !== 4 || isIP(base) !== 4 || length === undefined || Number(bits) < Number(length)) return false;
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** `http://user:xxxxx@proxy:3128` */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}

/** The last value of a variable, in either case. */
export function variable(env: readonly string[], ...names: string[]): string {
  const values = env.flatMap(entry => {
    const at = entry.indexOf('=');
    return names.some(name => name.toLowerCase() === entry.slice(0, at).toLowerCase()) ? [entry.slice(at + 1)] : [];
  });
  return values.at(-1) ?? '';
}

export const PROXY_CHECKS: readonly Check[] = [
  clusterCheck(
    'proxies',
    'proxies',
    'proxies of nodes, Docker and this shell',
    async (subject): Promise<ProxyFacts | undefined> => {
      const { cluster, engine } = subject;
      const first = subject.nodes[0];
      if (!first) return undefined;
      const [{ info }, ...inspects] = await Promise.all([
        subject.info(),
        ...subject.nodes.map(async node => ({ node, env: (await subject.inspect(node)).Config.Env ?? [] })),
      ]);
      const nodes = inspects.flatMap(({ node, env }) => {
        const proxy = variable(env, 'HTTPS_PROXY') || variable(env, 'HTTP_PROXY');
        return proxy === '' ? [] : [{ node, proxy, noProxy: variable(env, 'NO_PROXY') }];
      });
      const shell = Object.entries(engine.env).map(([name, value]) => `${name}=${value ?? ''}`);
      return {
        cluster,
        nodes,
        subnet: cluster.network?.subnet ?? '',
        registries: cluster.registries.map(node => node.name),
        engineProxy: info.HttpsProxy || info.HttpProxy || '',
        engineNoProxy: info.NoProxy ?? '',
        shellProxy: variable(shell, 'HTTPS_PROXY') || variable(shell, 'ALL_PROXY'),
        shellNoProxy: variable(shell, 'NO_PROXY'),
        apiHost: subject.api?.host ?? '',
      };
    },
    judgeProxies,
  ),
];
