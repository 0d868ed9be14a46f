/** What the app is told on its command line. */
export interface AppArguments {
  demo: boolean;
  readOnly: boolean;
  screenReader: boolean;
  host?: string;
  theme?: string;
}

/**
 * The arguments of the app (`--demo`, `--read-only`, `--screen-reader`, `--host ADDRESS`, `--theme NAME`), or undefined
 * when there is anything else, which makes it a command line.
 */
export function appArguments(argv: string[]): AppArguments | undefined {
  const result: AppArguments = { demo: false, readOnly: false, screenReader: false };
  for (let i = 0; i < argv.length; i++) {
    const [name = '', value] = argv[i]!.split(/=(.*)/s);
    if (name === '--demo' && value === undefined) result.demo = true;
    else if (name === '--read-only' && value === undefined) result.readOnly = true;
    else if (name === '--screen-reader' && value === undefined) result.screenReader = true;
    else if (name === '--host' || name === '--theme') {
      const text = value ?? argv[++i];
      if (text === undefined) return undefined;
      result[name === '--host' ? 'host' : 'theme'] = text;
    } else return undefined;
  }
  return result;
}
