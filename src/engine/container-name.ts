import type { ContainerSummary } from '../docker/types.ts';

/** A container's name as people write it: Docker puts a slash in front. */
export const bareName = (name: string): string => name.replace(/^\//, '');

/** Its own name; '' when Docker lists none. A linked container has names like `/other/alias` besides. */
export function ownName({ Names = [] }: Pick<ContainerSummary, 'Names'>): string {
  return bareName(Names.find(name => name.lastIndexOf('/') === 0) ?? Names[0] ?? '');
}

/** What a container of Docker's list is called: its own name, or the beginning of its id while it has none. */
export const containerName = (container: Pick<ContainerSummary, 'Id' | 'Names'>): string =>
  ownName(container) || container.Id.slice(0, 12);

/** Every name that these containers have, their links' too: none of them is free. */
export const allNames = (containers: readonly ContainerSummary[]): Set<string> =>
  new Set(containers.flatMap(({ Names = [] }) => Names.map(bareName)));

/** The container of that name. */
export const findContainer = (containers: readonly ContainerSummary[], name: string): ContainerSummary | undefined =>
  containers.find(({ Names }) => Names?.includes(`/${name}`));
