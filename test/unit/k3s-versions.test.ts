import { describe, expect, test } from 'vitest';
import { imageChoices } from '../../components/dialogs/create/image-choices.ts';
import { cannotRun, compatibilityHint, newestOfEach } from '../../src/engine/cluster/k3s-versions.ts';

test('of all published versions the newest of each minor is offered, newest first, without candidates', () => {
  const tags = [
    'v1.31.5-k3s1',
    'v1.31.10-k3s1',
    'v1.9.9-k3s1',
    'v1.31.10-k3s2',
    'v1.34.1-rc1-k3s1',
    'v1.34.1-k3s1-arm64',
    'v1.34.0-k3s1',
    'latest',
    'sha-1234567',
  ];
  expect(newestOfEach(tags)).toEqual(['v1.34.0-k3s1', 'v1.31.10-k3s2', 'v1.9.9-k3s1']);
});

describe('whether an image runs on this machine', () => {
  test.each([
    ['rancher/k3s:v1.19.16-k3s1', '2', 'does not run here: too old for cgroup v2'],
    ['rancher/k3s:v1.19.16-k3s1', '1', undefined],
    ['rancher/k3s:v1.20.0-k3s1', '2', undefined],
    ['rancher/k3s:v1.35.5-k3s1', '1', 'may refuse this machine: it has cgroup v1'],
    ['rancher/k3s:v1.35.5-k3s1', '2', undefined],
    ['rancher/k3s:v1.35.5-k3s1', undefined, undefined],
    ['my/own:image', '2', undefined],
    ['stable', '2', undefined],
  ])('%s on cgroup v%s: %s', (image, cgroup, hint) => {
    expect(compatibilityHint(image, cgroup)).toBe(hint);
    expect(cannotRun(image, cgroup) !== undefined).toBe(hint?.startsWith('does not') ?? false);
  });
});

test('what Docker has is offered once, before what could be pulled, each with what is to know', () => {
  const items = imageChoices(
    ['rancher/k3s:v1.34.0-k3s1'],
    ['docker.io/rancher/k3s:v1.34.0-k3s1', 'docker.io/rancher/k3s:v1.19.1-k3s1'],
    image => compatibilityHint(image, '2'),
  );
  expect(items.slice(2)).toEqual([
    { label: 'rancher/k3s:v1.34.0-k3s1', detail: 'here' },
    { label: 'docker.io/rancher/k3s:v1.19.1-k3s1', detail: 'to be pulled; does not run here: too old for cgroup v2' },
  ]);
});
