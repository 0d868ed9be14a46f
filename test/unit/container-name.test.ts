import { describe, expect, it } from 'vitest';
import type { ContainerSummary } from '../../src/docker/types.ts';
import { allNames, containerName, findContainer } from '../../src/engine/container-name.ts';

const container = (id: string, ...names: string[]) => ({ Id: id, Names: names }) as ContainerSummary;

describe('what a container is called', () => {
  it('is its own name, also when Docker lists that of a link first', () => {
    expect(containerName(container('a', '/k3d-x-server-0'))).toBe('k3d-x-server-0');
    expect(containerName(container('a', '/other/db', '/db-1'))).toBe('db-1');
  });

  it('is the beginning of its id while it has no name', () => {
    expect(containerName(container('0123456789abcdef'))).toBe('0123456789ab');
    expect(containerName({ Id: '0123456789abcdef' })).toBe('0123456789ab');
  });

  it('is found by that name, and no name of any is free', () => {
    const all = [container('a', '/one'), container('b', '/one/link', '/two')];
    expect(findContainer(all, 'two')).toBe(all[1]);
    expect(findContainer(all, 'three')).toBeUndefined();
    expect([...allNames(all)]).toEqual(['one', 'one/link', 'two']);
  });
});
