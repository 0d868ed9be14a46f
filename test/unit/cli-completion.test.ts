import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { complete } from '../../src/cli/completion/complete.ts';
import { argumentKind } from '../../src/cli/completion/kinds.ts';
import type { CommandNode } from '../../src/cli/describe.ts';
import { describeProgram } from '../../src/cli/program.ts';
import type { Named } from '../../src/engine/names-at-a-glance.ts';

const root = await describeProgram('1.2.3');

const WORLD: Record<Named, string[]> = {
  cluster: ['demo', 'dev', 'test'],
  node: ['k3d-demo-server-0', 'k3d-demo-serverlb'],
  registry: ['k3d-reg'],
  image: ['nginx:1', 'rancher/k3s:v1.31.5-k3s1'],
  network: ['bridge', 'k3d-demo'],
};
const names = async (kind: Named) => WORLD[kind].map(name => ({ name, text: kind }));

/** What is offered for a line whose last word is being typed. */
async function offered(line: string, look = names): Promise<string> {
  const { candidates, directive } = await complete(root, line.split(' '), look);
  return [...candidates.map(({ name }) => name), `:${directive}`].join(' ');
}

describe('Tab after', () => {
  it.each([
    ['clu', 'cluster :4'],
    ['cluster st', 'start stop :4'],
    ['cluster delete ', 'demo dev test :4'],
    ['cluster rm d', 'demo dev :4'],
    ['cluster stop demo d', 'dev :4'],
    ['--verbose cluster start --timeout 5m t', 'test :4'],
    ['cluster create ', ':4'],
    ['cluster create --agents ', ':4'],
    ['cluster create -i ngi', 'nginx:1 :4'],
    ['cluster create -ngi', ':4'],
    ['cluster create --image=ra', '--image=rancher/k3s:v1.31.5-k3s1 :4'],
    ['cluster create --wait=', '--wait=true --wait=false :4'],
    ['cluster create --network k', 'k3d-demo :4'],
    ['cluster create -c ', 'yaml yml :8'],
    ['cluster create -p 8080:80', ':4'],
    ['cluster create -p 8080:80@se', '8080:80@server:0 8080:80@servers:* :6'],
    ['cluster create -e A=b@server:0;ag', 'A=b@server:0;agent:0 A=b@server:0;agents:* :6'],
    ['cluster create -v /tmp', ':0'],
    ['cluster list -o ', 'json yaml :4'],
    ['cluster list --no', '--no-headers :4'],
    ['cluster list --no-headers --no', ':4'],
    ['cluster list -- --no', ':4'],
    ['node delete k3d-demo-serverlb ', 'k3d-demo-server-0 :4'],
    ['node create x --role ', 'agent server :4'],
    ['node create x -c ', 'demo dev test :4'],
    ['kubeconfig merge -o ', ':0'],
    ['kubeconfig get te', 'test :4'],
    ['completion ', 'bash zsh fish powershell :4'],
    ['version list k3', 'k3s k3d k3d-proxy k3d-tools :4'],
    ['version list k3s -s ', 'desc asc off :4'],
    ['version list k3s -o r', 'raw repo :4'],
    ['cluster create --progress ', 'auto plain json :4'],
    ['help cluster res', 'restart :4'],
    ['debug lb get-config ', 'demo dev test :4'],
    ['frobnicate ', ':4'],
    ['cluster frobnicate --al', ':4'],
    ['cluster delete --nope=', ':4'],
  ])('%s', async (line, answer) => {
    expect(await offered(line)).toBe(answer);
  });

  it('an engine that is away: the program’s own words are still there', async () => {
    const away = () => Promise.reject(new Error('no engine'));
    expect(await offered('cluster delete ', away)).toBe(':4');
    expect(await offered('cluster delete --a', away)).toBe('--all :4');
  });

  it('flags that may be given again are offered again, others are not', async () => {
    const answer = await offered('cluster create -p 80 --agents 2 --');
    expect(answer.split(' ')).toEqual(expect.arrayContaining(['--port', '--servers', '--verbose', '--help']));
    expect(answer).not.toContain('--agents ');
    expect(answer).not.toMatch(/--no-wait|--lb /);
  });

  it('nothing hidden is offered', async () => {
    const answer = await offered('');
    expect(answer).not.toMatch(/debug|runtime-info/);
    expect(answer.split(' ')).toEqual(
      expect.arrayContaining(['cluster', 'node', 'kubeconfig', 'version', 'completion']),
    );
  });
});

it('every argument of k3d’s commands is something that can be completed, or a name that is new', () => {
  const url = new URL('../fixtures/k3d/commands.json', import.meta.url);
  const k3d = Object.keys(JSON.parse(readFileSync(url, 'utf8')) as object);
  const unknown = k3d.filter(path => {
    const command = path
      .split(' ')
      .reduce<CommandNode | undefined>((parent, word) => parent?.commands.find(({ name }) => name === word), root);
    return command?.args.some((_, place) => argumentKind(path, command, place) === undefined);
  });
  expect(unknown.sort()).toEqual(['cluster create', 'help', 'node create', 'registry create']);
});
