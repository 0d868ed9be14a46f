import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNetwork } from '../../src/demo/networks.ts';
import { DIFFERENCES, type Difference, NOT_RUN, REFUSED } from '../differences-from-k3d.ts';
import {
  data,
  type Ended,
  jsonDifferences,
  lastWord,
  neutralText,
  type Recording,
  Replay,
  recordings,
} from './replay.ts';

/**
 * Command lines that real k3d ran, one after the other as it ran them: scripts must find the same. Differences on purpose
 * are in test/differences-from-k3d.ts.
 */
const IMAGES = [
  'docker.io/rancher/k3s:v1.35.5-k3s1',
  'ghcr.io/k3d-io/k3d-proxy:5.9.0',
  'docker.io/library/registry:2',
  'alpine:latest',
  'testapp:local',
];

/** Commands that ran in between without being recorded. */
const BETWEEN: Record<string, string[]> = {
  'ops/39-node-delete-multi': ['node create more -c ops --replicas 2'],
  'fail/75-registry-create-dup-again': ['registry create dup --port 5021'],
};

const seen = new Set<Difference>();

describe.each(['ops', 'fail'] as const)('as k3d: %s', kind => {
  const all = recordings(kind).filter(({ name }) => !NOT_RUN.some(({ of }) => of.test(name)));
  const results = new Map<string, Ended>();
  let replay: Replay;
  /** Has the port that the recordings found taken. */
  let occupied: Server | undefined;

  beforeAll(async () => {
    replay = await Replay.open({ images: IMAGES, pullable: reference => !/v9\.9\.9|no\/such/.test(reference) });
    await prepare(replay);
    if (kind === 'fail') occupied = createServer().listen(28081, '0.0.0.0');
    for (const { name, line } of all) {
      for (const other of BETWEEN[name] ?? []) expect(await replay.run(other), other).toMatchObject({ code: 0 });
      results.set(name, await replay.run(line));
    }
  });
  afterAll(async () => {
    occupied?.close();
    await replay?.close();
  });

  it.each(all)('$name: $line', recording => {
    const found = differences(results.get(recording.name)!, recording, kind);
    const meant = DIFFERENCES.filter(({ of }) => of.test(recording.name));
    for (const text of found) for (const one of meant) if (one.what.test(text)) seen.add(one);
    expect(found.filter(text => !meant.some(({ what }) => what.test(text)))).toEqual([]);
  });
});

it('every difference that is listed is still one', () => {
  expect(DIFFERENCES.filter(one => !seen.has(one)).map(({ reason }) => reason)).toEqual([]);
});

/** What lay about when the recordings were made: files, a network, a busy port. */
async function prepare(replay: Replay): Promise<void> {
  createNetwork(replay.demo.world, { Name: 'bednet', IPAM: { Config: [{ Subnet: '172.30.0.0/16' }] } });
  writeFileSync(join(replay.home, 'notatar.tar'), 'this is no archive\n');
  for (const [file, image] of [
    ['alpine.tar', 'alpine:latest'],
    ['testapp.tar', 'testapp:local'],
  ] as const) {
    writeFileSync(join(replay.home, file), await replay.get(`/images/get?names=${encodeURIComponent(image)}`));
  }
  for (const file of recordings('fail').flatMap(({ files }) => files)) {
    copyFileSync(file, join(replay.home, file.split('/').at(-1)!));
  }
}

function differences(ours: Ended, theirs: Recording, kind: string): string[] {
  const found: string[] = [];
  if (ours.code !== theirs.code) found.push(`exit code: ${ours.code} instead of ${theirs.code}`);
  const [mine, other] = [neutralText(data(ours.stdout)), neutralText(data(theirs.stdout))];
  const read = /^[[{]/.test(other) ? JSON.parse : /^(- |(---\n)?\w+:)/.test(other) ? load : undefined;
  if (mine !== other) {
    if (read && mine !== '') found.push(...jsonDifferences(read(mine), read(other)));
    else found.push(`output: ${JSON.stringify(mine)} instead of ${JSON.stringify(other)}`);
  }
  const [last, theirLast] = [lastWord(ours.stdout), lastWord(theirs.stdout)];
  if (kind === 'ops' && last !== theirLast) found.push(`last: ${last} instead of ${theirLast}`);
  if ((ours.stderr === '') !== (theirs.stderr === '')) {
    found.push(`stderr: ${JSON.stringify(ours.stderr)} instead of ${JSON.stringify(theirs.stderr.slice(0, 200))}`);
  }
  return found;
}

describe('what k3d takes without a word', () => {
  let replay: Replay;
  beforeAll(async () => {
    replay = await Replay.open({ images: IMAGES });
    expect(await replay.run('cluster create one')).toMatchObject({ code: 0 });
  });
  afterAll(() => replay?.close());

  it.each(REFUSED)('$line is refused: $reason', async ({ line }) => {
    const { code, stdout, stderr } = await replay.run(line);
    expect({ code, stdout: data(stdout) }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/FATA.+\n {2}hint: /);
    expect((await replay.run('cluster list one')).code).toBe(0);
  });
});
