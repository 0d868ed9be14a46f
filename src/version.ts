import manifest from '../package.json' with { type: 'json' };

/** k3dui's own version: `0.1.0`. */
export const version: string = manifest.version;
