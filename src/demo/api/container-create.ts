import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { type CreateBody, createContainer } from '../create.ts';
import { newId } from '../ids.ts';
import type { Route } from './routes.ts';

const create = async (call: Call): Promise<void> => {
  const body = await call.body<CreateBody>();
  const name = (call.query.get('name') ?? '').replace(/^\//, '') || `demo_${newId().slice(0, 8)}`;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw new ApiError(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  const container = createContainer(call.world, name, body);
  call.json(201, { Id: container.id, Warnings: [] });
};

export const createRoutes: Route[] = [['POST', '/containers/create', create]];
