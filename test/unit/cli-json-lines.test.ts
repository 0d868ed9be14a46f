import { expect, it } from 'vitest';
import { type JsonLine, operationLine } from '../../src/cli/json-lines.ts';
import { Operation } from '../../src/engine/operation.ts';
import { K3duiError } from '../../src/errors.ts';

/** Every kind of line, as a program that reads them may expect it. `number` and `string` stand for what differs by run. */
const SHAPES: Record<JsonLine['type'], Record<string, unknown>> = {
  'operation.started': { at: 'number', id: 'string', title: 'string', command: 'string', steps: 'object' },
  'operation.state': { at: 'number', state: 'string' },
  'operation.ended': { at: 'number', state: 'string', milliseconds: 'number' },
  'step.started': { at: 'number', step: 'string', title: 'string' },
  'step.progress': { at: 'number', step: 'string', title: 'string' },
  'step.done': { at: 'number', step: 'string', title: 'string', milliseconds: 'number' },
  'step.failed': { at: 'number', step: 'string', title: 'string', optional: 'boolean', error: 'object' },
  'step.undone': { at: 'number', step: 'string', title: 'string' },
  log: { at: 'number', level: 'string', message: 'string' },
};

it('an operation as JSON lines has the shapes that are written down, and its errors are plain', async () => {
  const operation = new Operation({
    id: 'op-1',
    title: 'create cluster demo',
    command: 'k3dui cluster create demo',
    cluster: 'demo',
    steps: [
      { id: 'a', title: 'make', subject: 'k3d-demo-server-0', after: [], run: async () => async () => {} },
      {
        id: 'b',
        title: 'pull',
        after: ['a'],
        optional: true,
        run: async context => {
          context.report({ text: 'layer', bytes: 1, totalBytes: 2 });
          throw new K3duiError({ code: 'PULL_FAILED', message: 'no such image' });
        },
      },
      {
        id: 'c',
        title: 'start',
        after: ['b'],
        run: async () => {
          throw new K3duiError({ code: 'PORT_TAKEN', message: 'port 80 is taken', hint: 'use another' });
        },
      },
    ],
  });
  await operation.finished.catch(() => {});
  const lines = operation.events.map(event => JSON.parse(JSON.stringify(operationLine(operation, event))));
  const types = lines.map(line => line.type);
  for (const type of Object.keys(SHAPES).filter(name => name !== 'log')) expect(types).toContain(type);
  for (const line of lines) {
    expect(line).toMatchObject({ operation: operation.id, cluster: 'demo' });
    const shape = SHAPES[line.type as JsonLine['type']];
    for (const [field, kind] of Object.entries(shape)) expect(typeof line[field], `${line.type}.${field}`).toBe(kind);
  }
  expect(lines.at(-1)).toMatchObject({
    type: 'operation.ended',
    state: 'failed',
    error: { code: 'PORT_TAKEN', message: 'port 80 is taken', hint: 'use another' },
  });
  expect(lines.find(line => line.type === 'step.failed')).toMatchObject({ step: 'b', optional: true });
});
