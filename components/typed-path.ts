import { resolve } from 'node:path';
import { homeFolder } from '../src/home-folder.ts';

/** A path as typed: `~` is the home folder, a relative one begins where the app was started. */
export const typedPath = (text: string, env: NodeJS.ProcessEnv): string =>
  resolve(text.trim().replace(/^~(?=\/|$)/, () => homeFolder(env)));
