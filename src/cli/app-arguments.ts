/**
 * The arguments of the app (`--demo`, `--host ADDRESS`), or undefined when there is anything else, which makes it a
 * command line.
 */
export function appArguments(argv: string[]): { demo: boolean; host?: string } | undefined {
  const result: { demo: boolean; host?: string } = { demo: false };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--demo') result.demo = true;
    else if (arg === '--host' && i + 1 < argv.length) result.host = argv[++i];
    else if (arg.startsWith('--host=')) result.host = arg.slice('--host='.length);
    else return undefined;
  }
  return result;
}
