/** A word of a command line, quoted where a shell would make something of it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * A command line for people to copy, of words that may come from outside: a cluster's name is a label that anybody can
 * write. What is put in is quoted for a shell; a list is so many words, none when it is empty.
 */
export function commandLine(parts: TemplateStringsArray, ...values: (string | number | readonly string[])[]): string {
  return parts.reduce((line, part, i) => {
    const value = values[i - 1]!;
    if (Array.isArray(value) && value.length === 0) return line.trimEnd() + part;
    const words = Array.isArray(value) ? value : [String(value)];
    return line + words.map(shellWord).join(' ') + part;
  });
}
