import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { typedPath } from '../../components/typed-path.ts';

test.each([
  ['~/images/app.tar', { HOME: '/home/ada' }, '/home/ada/images/app.tar'],
  ['~', { HOME: '/home/ada' }, '/home/ada'],
  [' ~/app.tar ', { HOME: '' }, `${homedir()}/app.tar`],
  ['~ada/app.tar', { HOME: '/home/ada' }, `${process.cwd()}/~ada/app.tar`],
  ['app.tar', { HOME: '/home/ada' }, `${process.cwd()}/app.tar`],
  // A dollar sign in the folder's name is no reference into the pattern.
  ['~/app.tar', { HOME: '/home/$&' }, '/home/$&/app.tar'],
])('the path typed as %j, with %j, is %j', (typed, env, path) => {
  expect(typedPath(typed, env as NodeJS.ProcessEnv)).toBe(path);
});
