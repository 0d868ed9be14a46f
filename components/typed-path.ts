import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** A path as typed: `~` is the home folder, a relative one begins where the app was started. */
export const typedPath = (text: string, env: NodeJS.ProcessEnv): string =>
  resolve(text.trim().replace(/^~(?=\/|$)/, () => env.HOME || homedir()));
