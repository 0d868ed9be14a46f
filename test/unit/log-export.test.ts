import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Docker } from '../../src/docker/docker.ts';
import { exportLogs } from '../../src/engine/logs/export.ts';

test('when one log cannot be read the others are read no further', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-logs-'));
  const ended: string[] = [];
  let begun = () => {};
  const other = new Promise<void>(resolve => {
    begun = resolve;
  });
  const docker: Partial<Docker> = {
    async *logs(id, _, call) {
      if (id === 'broken') {
        await other;
        throw new Error('no such log driver');
      }
      yield { stream: 'stdout', data: Buffer.from('2026-01-01T00:00:00.000000000Z a\n') };
      await new Promise((_resolve, reject) => {
        call?.signal?.addEventListener('abort', () => {
          ended.push(id);
          reject(call.signal?.reason);
        });
        begun();
      });
    },
  };
  try {
    const sources = ['endless', 'broken'].map(name => ({ id: name, name }));
    await expect(exportLogs(docker as Docker, sources, folder)).rejects.toThrow('no such log driver');
    await vi.waitFor(() => expect(ended).toEqual(['endless']));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
