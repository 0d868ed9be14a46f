import { describe, expect, it } from 'vitest';
import { isLatest, tagOf, withTag } from '../../src/config/image.ts';
import type { ImageFacts } from '../../src/engine/image/facts.ts';
import { type ImportRequest, planImport } from '../../src/engine/image/import.ts';
import { imageMatrix, isBehind, remarksOn } from '../../src/engine/image/matrix.ts';
import { familiarName, fullName } from '../../src/engine/image/names.ts';
import { planImagePull } from '../../src/engine/image/pull.ts';
import { planImageRemove } from '../../src/engine/image/remove.ts';

const id = (letter: string): string => `sha256:${letter.repeat(64)}`;

interface Held {
  id: string;
  names: string[];
  digests?: string[];
}

const node = (
  name: string,
  held: Held[] = [],
  more: { running?: boolean; fault?: string } = {},
): ImageFacts['nodes'][number] => ({
  node: `k3d-demo-${name}`,
  cluster: 'demo',
  running: true,
  images: held.map(image => ({ digests: [], size: 10, pinned: false, ...image })),
  containers: [],
  ...more,
});
const app = { name: 'app:1', id: id('a'), size: 100, layers: ['sha256:l1'] };
const other = { name: 'other:1', id: id('b'), size: 50, layers: ['sha256:l2'] };
const request = (change: Partial<ImportRequest> = {}): ImportRequest => ({
  clusters: ['demo'],
  images: ['app:1'],
  files: [],
  stdin: false,
  ...change,
});
const kinds = (plan: { steps: { action: { kind: string } }[] }) =>
  plan.steps.map(({ action }) => action.kind.slice(11));

describe('an import as a plan', () => {
  it('reads once for all nodes, and each node has its own step', () => {
    const plan = planImport(request(), { nodes: [node('server-0'), node('agent-0')], images: [app], files: [] });
    expect(kinds(plan)).toEqual(['send', 'receive', 'receive', 'settle']);
    expect(plan.steps[0]!.action).toMatchObject({
      request: {
        source: { from: 'docker', images: ['app:1'] },
        nodes: ['k3d-demo-server-0', 'k3d-demo-agent-0'],
        layers: [['sha256:l1']],
      },
    });
    // One node's failure must not stop the other; the last step tells of it.
    expect(plan.steps.map(({ optional }) => optional === true)).toEqual([false, true, true, false]);
    expect(plan.steps[3]!.after).toEqual(plan.steps.slice(0, 3).map(step => step.id));
    expect(plan).toMatchObject({ command: 'k3dui image import app:1 -c demo', onFailure: 'keep' });
  });

  it('leaves out what nodes hold, and gives a name to what they hold under another', () => {
    const has = node('server-0', [{ id: app.id, names: [fullName('app:1')] }]);
    const named = node('agent-0', [{ id: app.id, names: ['docker.io/library/before:1'] }]);
    const stale = node('agent-1', [{ id: id('f'), names: [fullName('app:1')] }]);
    expect(planImport(request(), { nodes: [has], images: [app], files: [] }).steps).toEqual([]);
    const plan = planImport(request(), { nodes: [has, named, stale], images: [app], files: [] });
    expect(kinds(plan)).toEqual(['tag', 'send', 'receive', 'settle']);
    expect(plan.steps[0]!.action).toMatchObject({ node: 'k3d-demo-agent-0', from: 'docker.io/library/before:1' });
    expect(plan.steps[1]!.action).toMatchObject({ request: { nodes: ['k3d-demo-agent-1'] } });
    const both = planImport(request({ images: ['app:1', 'other:1'] }), {
      nodes: [has],
      images: [app, other],
      files: [],
    });
    expect(both.steps[0]!.action).toMatchObject({ request: { source: { images: ['other:1'] } } });
  });

  it('takes archives one after the other, after Docker, and standard input last', () => {
    const files = [
      { path: '/tmp/a b.tar', size: 5 },
      { path: 'c.tar', size: 6 },
    ];
    const plan = planImport(request({ files: files.map(({ path }) => path), stdin: true }), {
      nodes: [node('server-0')],
      images: [app],
      files,
    });
    const sends = plan.steps.filter(({ action }) => action.kind === 'node-image.send');
    expect(sends.map(({ id }) => id)).toEqual(['send docker', 'send archive 1', 'send archive 2', 'send archive 3']);
    expect(sends.map(({ after }) => after.length)).toEqual([0, 0, 2, 2]);
    expect(plan.command).toBe("k3dui image import app:1 '/tmp/a b.tar' c.tar - -c demo");
  });

  it('warns of :latest in archives too, where they tell before they are read, and gives them a tag', () => {
    const files = [
      { path: 'a.tar', size: 5, names: [fullName('web'), fullName('app:1')] },
      { path: 'b.tar.gz', size: 5 },
    ];
    const facts = { nodes: [node('server-0')], images: [], files };
    const plain = planImport(request({ images: [], files: ['a.tar', 'b.tar.gz'] }), facts);
    expect(plain.warnings).toEqual([expect.stringMatching(/^web:latest: Kubernetes asks the registry/)]);
    expect(plain.steps[0]!.title).toBe('read a.tar (5 B: web:latest, app:1)');
    const unread = plain.steps.flatMap(({ action }) => (action.kind === 'node-image.send' ? [action.unread] : []));
    expect(unread).toEqual([false, true]);
    const tagged = planImport(request({ images: [], files: ['a.tar'], retag: 'dev' }), facts);
    expect(tagged.warnings).toEqual([]);
    expect(tagged.steps[0]!.action).toMatchObject({ request: { retag: 'dev' } });
  });

  it('warns of :latest, unless it gets a tag, and of nodes that are stopped', () => {
    const latest = { ...app, name: 'app:latest' };
    const facts = { nodes: [node('server-0'), node('agent-0', [], { running: false })], images: [latest], files: [] };
    const plain = planImport(request({ images: ['app'] }), facts);
    expect(plain.warnings).toEqual([
      expect.stringContaining('k3d-demo-agent-0 is stopped'),
      expect.stringMatching(/app:latest: Kubernetes asks the registry.*--retag/),
    ]);
    const tagged = planImport(request({ images: ['app'], retag: 'dev' }), facts);
    expect(tagged.warnings).toHaveLength(1);
    expect(tagged.steps[0]!.action).toMatchObject({
      request: { rename: { 'docker.io/library/app:latest': 'docker.io/library/app:dev' } },
    });
    expect(tagged.command).toBe('k3dui image import app -c demo --retag dev');
    const none = { ...facts, nodes: facts.nodes.slice(1) };
    expect(() => planImport(request(), none)).toThrow('no node of demo runs');
  });
});

describe('removing and pulling as plans', () => {
  const twice = { id: app.id, names: [fullName('app:1'), fullName('app:2')] };

  it('takes off one name of several, and the whole image with its last', () => {
    const nodes = [node('server-0', [twice]), node('agent-0', [{ id: app.id, names: [fullName('app:1')] }])];
    const plan = planImageRemove({ images: ['app:1'], where: ['-c', 'demo'] }, nodes);
    expect(plan.steps.map(({ action }) => action)).toMatchObject([
      { node: 'k3d-demo-server-0', name: 'docker.io/library/app:1' },
      { node: 'k3d-demo-agent-0', image: app.id },
      { kind: 'node-image.settle', nodes: 2 },
    ]);
    expect(plan.steps[1]!.action).not.toHaveProperty('name');
    expect(plan.command).toBe('k3dui image remove app:1 -c demo');
    expect(planImageRemove({ images: ['aaaaaaa'], where: [] }, nodes).steps[0]!.action).not.toHaveProperty('name');
  });

  it('does not pass a running node over that does not say what it holds; a stopped one is no obstacle', () => {
    const holds = node('server-0', [twice]);
    const lost = { ...node('agent-0'), fault: 'lost the Docker engine' };
    expect(() => planImageRemove({ images: ['app:1'], where: [] }, [holds, lost])).toThrow(
      'k3d-demo-agent-0 does not say what it holds: lost the Docker engine',
    );
    const stopped = { ...node('agent-0', [], { running: false }), fault: 'does not run' };
    expect(planImageRemove({ images: ['app:1'], where: [] }, [holds, stopped]).steps).not.toEqual([]);
  });

  it('says which pods use it, and what was meant by a name that no node holds', () => {
    const used = node('server-0', [twice]);
    used.containers.push({ name: 'web', pod: 'web-1', namespace: 'shop', imageRef: app.id, running: true });
    const [warning] = planImageRemove({ images: ['app:1'], where: [] }, [used]).warnings;
    expect(warning).toContain('shop/web-1');
    expect(() => planImageRemove({ images: ['apq:1'], where: [] }, [used])).toThrow("no node holds an image 'apq:1'");
    try {
      planImageRemove({ images: ['apq:1'], where: [] }, [used]);
    } catch (error) {
      expect(error).toMatchObject({ code: 'IMAGE_UNKNOWN', hint: "did you mean 'app:1'?" });
    }
  });

  it('pulls one image after the other in a node, and side by side in several', () => {
    const where = [node('server-0'), node('agent-0'), node('agent-1', [], { running: false })];
    const plan = planImagePull({ images: ['a:1', 'b:1'], where: [] }, where);
    expect(plan.steps.map(({ id, after }) => [id, after.length])).toEqual([
      ['pull a:1 k3d-demo-server-0', 0],
      ['pull b:1 k3d-demo-server-0', 1],
      ['pull a:1 k3d-demo-agent-0', 0],
      ['pull b:1 k3d-demo-agent-0', 1],
      ['settle', 4],
    ]);
    expect(plan.warnings).toEqual(['k3d-demo-agent-1 is stopped and pulls nothing']);
  });
});

describe('images beside Docker’s', () => {
  const docker = [{ Id: app.id, RepoTags: ['app:1'], Size: 100, Created: 1000 }];

  it('says which nodes miss one, which hold an older one, and which pods use it', () => {
    const nodes = [
      node('server-0', [{ id: app.id, names: [fullName('app:1')] }]),
      node('agent-0', [{ id: id('f'), names: [fullName('app:1')] }]),
      node('agent-1'),
      node('agent-2', [], { fault: 'does not run' }),
    ];
    nodes[1]!.containers.push({ name: 'web', pod: 'web-1', namespace: 'shop', imageRef: id('f'), running: true });
    const [row] = imageMatrix(nodes, docker, new Map([[id('f'), 900]]));
    expect(row).toMatchObject({
      name: 'app:1',
      held: [{ comparison: 'same' }, { comparison: 'older', pods: ['shop/web-1'] }],
      missing: [{ node: 'k3d-demo-agent-1' }],
      created: 1000,
    });
    expect(remarksOn(row!)[0]).toBe("older than Docker's on k3d-demo-agent-0");
    expect(remarksOn(row!)).toContain('missing on k3d-demo-agent-1');
    const [newer] = imageMatrix(nodes.slice(1, 2), docker, new Map([[id('f'), 1100]]));
    expect(newer!.held[0]!.comparison).toBe('newer');
  });

  it('does not call it missing where a registry brings it, nor count other clusters', () => {
    const pulled = { id: id('c'), names: [fullName('db:1')], digests: ['docker.io/library/db@sha256:1'] };
    const elsewhere = { ...node('server-0'), cluster: 'other', node: 'k3d-other-server-0' };
    const [row] = imageMatrix([node('server-0', [pulled]), node('agent-0'), elsewhere], []);
    expect(row!.missing).toEqual([{ node: 'k3d-demo-agent-0', cluster: 'demo' }]);
    expect(isBehind(row!)).toBe(false);
    expect(remarksOn(row!)).toEqual([]);
    const [nameless] = imageMatrix([node('server-0', [{ id: id('d'), names: [] }])], []);
    expect(nameless).toMatchObject({ name: '<none>', key: id('d') });
  });
});

describe('names of images', () => {
  it('with ports, digests and without anything', () => {
    expect(fullName('nginx')).toBe('docker.io/library/nginx:latest');
    expect(fullName('localhost:5000/a/b')).toBe('localhost:5000/a/b:latest');
    expect(fullName('NO GOOD')).toBe('NO GOOD');
    expect(familiarName('docker.io/library/nginx:1')).toBe('nginx:1');
    expect(familiarName('r:5000/library/nginx:1')).toBe('r:5000/library/nginx:1');
    expect([tagOf('r:5000/a'), tagOf('r:5000/a:v1'), tagOf('a@sha256:00')]).toEqual([undefined, 'v1', undefined]);
    expect(withTag('r:5000/a:latest', 'dev')).toBe('r:5000/a:dev');
    expect(withTag('r:5000/a', 'dev')).toBe('r:5000/a:dev');
    expect(['a', 'a:latest', 'r:5000/a', 'a:1', 'a@sha256:00'].map(isLatest)).toEqual([true, true, true, false, false]);
  });
});
