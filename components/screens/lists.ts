import type { ScreenName } from '../state/navigation.ts';
import { clustersList } from './clusters-list.ts';
import { commandsList } from './commands-list.ts';
import { contextsList } from './contexts-list.ts';
import { doctorList } from './doctor-list.ts';
import { exposeList } from './expose-list.ts';
import { helpList } from './help-list.ts';
import { imagesList } from './images-list.ts';
import { leftoversList } from './leftovers-list.ts';
import type { ListDefinition } from './list-definition.ts';
import { nodesList } from './nodes-list.ts';
import { operationsList } from './operations-list.ts';
import { portsList } from './ports-list.ts';
import { registriesList } from './registries-list.ts';
import { repositoriesList, tagsList } from './repositories-list.ts';

/** Hides what kind of rows a list has; each only ever meets its own. */
const list = <Row>(definition: ListDefinition<Row>): ListDefinition<unknown> =>
  definition as unknown as ListDefinition<unknown>;

/** The screens that are tables. */
export const LISTS: Partial<Record<ScreenName, ListDefinition<unknown>>> = {
  clusters: list(clustersList),
  nodes: list(nodesList),
  ports: list(portsList),
  expose: list(exposeList),
  images: list(imagesList),
  doctor: list(doctorList),
  leftovers: list(leftoversList),
  registries: list(registriesList),
  repositories: list(repositoriesList),
  tags: list(tagsList),
  operations: list(operationsList),
  commands: list(commandsList),
  contexts: list(contextsList),
  help: list(helpList),
};
