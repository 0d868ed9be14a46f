import { createdOf, platformsText, type RepositoryRow, type TagRow } from '../../src/engine/registry/browse.ts';
import { formatAge, formatBytes, sanitise } from '../../src/text.ts';
import { NO_REGISTRY_VIEW, type RegistryView, tagsSubject } from '../registry-watch.ts';
import { type Place, placeKey } from '../state/navigation.ts';
import type { Column } from '../widgets/columns.ts';
import type { ListDefinition } from './list-definition.ts';

const repositoryColumns: Column<RepositoryRow>[] = [
  { id: 'name', title: 'REPOSITORY', letter: 'N', priority: 0, max: 70, text: row => sanitise(row.repository) },
  {
    id: 'count',
    title: 'TAGS',
    letter: 'T',
    priority: 0,
    align: 'right',
    text: ({ tags }) => String(tags.length),
    compare: (a, b) => b.tags.length - a.tags.length,
  },
  {
    id: 'tags',
    title: 'NAMES',
    priority: 1,
    elastic: 20,
    max: 100,
    text: ({ tags }) => sanitise(tags.length > 0 ? [...tags].reverse().join(' ') : 'none is left'),
  },
];

const tagColumns: Column<TagRow>[] = [
  { id: 'tag', title: 'TAG', letter: 'N', priority: 0, max: 50, text: ({ tag }) => sanitise(tag) },
  {
    id: 'size',
    title: 'SIZE',
    letter: 'S',
    priority: 0,
    align: 'right',
    text: ({ manifest }) => (manifest?.size === undefined ? '-' : formatBytes(manifest.size)),
    compare: (a, b) => (b.manifest?.size ?? -1) - (a.manifest?.size ?? -1),
  },
  {
    id: 'platforms',
    title: 'PLATFORMS',
    letter: 'P',
    priority: 1,
    max: 44,
    text: ({ manifest }) => sanitise((manifest && platformsText(manifest)) || '-'),
  },
  {
    id: 'digest',
    title: 'DIGEST',
    letter: 'D',
    priority: 2,
    text: ({ manifest }) => sanitise(manifest?.digest.slice(0, 19) ?? '…'),
  },
  {
    id: 'age',
    title: 'MADE',
    letter: 'A',
    priority: 1,
    align: 'right',
    text: ({ manifest }, now) => {
      const created = manifest && createdOf(manifest);
      return created === undefined ? '-' : formatAge(now / 1000 - created);
    },
    compare: (a, b) => createdOrNever(b) - createdOrNever(a),
  },
  {
    id: 'type',
    title: 'TYPE',
    priority: 5,
    wide: true,
    text: ({ manifest }) => sanitise(manifest?.mediaType ?? ''),
  },
  {
    id: 'fault',
    title: 'FAULT',
    hideEmpty: true,
    priority: 1,
    max: 60,
    text: ({ error }) => sanitise(error ?? ''),
    style: () => 'bad',
  },
];

const createdOrNever = ({ manifest }: TagRow): number => (manifest && createdOf(manifest)) ?? 0;

const NONE: readonly never[] = [];

/** What is said while there are no rows. */
function emptyLines(view: RegistryView, place: Place, nothing: readonly string[]): readonly string[] {
  if (view.subject !== placeKey(place) || view.reading) return ['Asking the registry …'];
  if (view.error) {
    const { message, hint } = view.error;
    return [sanitise(message), '', ...(hint ? [sanitise(hint), ''] : []), 'Ctrl-R  tries again    Esc  goes back'];
  }
  return nothing;
}

export const repositoriesList: ListDefinition<RepositoryRow> = {
  title: place => `Repositories in ${place.subject ?? ''}`,
  noun: 'repository',
  columns: repositoryColumns,
  rows: ({ registries = NO_REGISTRY_VIEW }, place) =>
    registries.subject === placeKey(place) ? registries.repositories : NONE,
  id: ({ repository }) => repository,
  empty: ({ registries = NO_REGISTRY_VIEW }, place) =>
    emptyLines(registries, place, ['Nothing has been pushed to it yet.', '', 'p  has Docker push an image']),
};

export const tagsList: ListDefinition<TagRow> = {
  title: place => {
    const { registry, repository } = tagsSubject(place);
    return `Tags of ${repository} in ${registry}`;
  },
  noun: 'tag',
  columns: tagColumns,
  rows: ({ registries = NO_REGISTRY_VIEW }, place) => (registries.subject === placeKey(place) ? registries.tags : NONE),
  id: ({ tag }) => tag,
  fault: ({ error }) => error ?? '',
  faulty: ({ error }) => error !== undefined,
  empty: ({ registries = NO_REGISTRY_VIEW }, place) =>
    emptyLines(registries, place, ['No tag is left in it.', '', 'Esc  goes back']),
};
