import type { Command } from 'commander';

/** What the star after a flag's description means. */
export const SEVERAL = '* may be given several times.';

/** Put below a command's flags in its help, each text a paragraph, in lines of the terminal's width. */
export function explain(command: Command, ...texts: string[]): void {
  command.addHelpText('after', ({ error }) => {
    const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput();
    // 80 is what commander takes for its own part where there is no terminal.
    const width = (error ? getErrHelpWidth?.() : getOutHelpWidth?.()) ?? 80;
    const help = command.createHelp();
    return texts.map(text => `\n${help.boxWrap(text, width)}`).join('\n');
  });
}
