import { homedir } from 'node:os';

/** The user's own folder: `$HOME`, where that says nothing what the system knows of the user. */
export const homeFolder = (env: NodeJS.ProcessEnv): string => env.HOME || homedir();
