import { expect, it } from 'vitest';
import { allCommands, commandTree } from './cli-tree.ts';

/** Commands that only look, or act in a way of their own: nothing to be shown before. */
const READING = new Set([
  'cluster logs',
  'cluster export',
  'cluster diff',
  'cluster list',
  'config init',
  'config view',
  'config migrate',
  'config schema',
  'kubeconfig get',
  'node list',
  'node shell',
  'node attach',
  'node logs',
  'registry list',
  'registry references',
  'registry browse',
  'image list',
  'image history',
  'image verify',
  'version',
  'version list',
  'runtime-info',
  'leftovers list',
  'settings view',
  'settings path',
  'settings schema',
  'expose',
  'debug loadbalancer get-config',
  'completion',
  'man',
  'help',
]);

it('every command that changes something can be tried with --dry-run', async () => {
  const without = allCommands(await commandTree())
    .filter(({ path, command }) => path !== '' && command.commands.length === 0 && !READING.has(path))
    .filter(({ command }) => !command.options.some(option => option.long === '--dry-run'))
    // Refused until it is built.
    .filter(({ command }) => !command.usage().includes('[any...]'))
    .map(({ path }) => path);
  expect(without).toEqual([]);
});
