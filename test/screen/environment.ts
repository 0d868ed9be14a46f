/** The test's own environment without what makes programs draw differently in CI or in a test, and with `extra`. */
export function terminalEnvironment(extra: Record<string, string | undefined> = {}): Record<string, string> {
  const merged: Record<string, string | undefined> = {
    ...process.env,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LANG: 'C.UTF-8',
    // Programs that think they run in CI or in a test draw differently.
    CI: undefined,
    CONTINUOUS_INTEGRATION: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    VITEST: undefined,
    NODE_ENV: undefined,
    NODE_OPTIONS: undefined,
    ...extra,
  };
  return Object.fromEntries(Object.entries(merged).filter((pair): pair is [string, string] => pair[1] !== undefined));
}
