/**
 * Replaces `$NAME` and `${NAME}` in the whole text by the environment's values, nothing where there is none: what Go's
 * os.ExpandEnv does, which k3d runs over a config file before it reads it as YAML. A `$` before anything else stays.
 */
export function expandEnv(text: string, env: NodeJS.ProcessEnv): string {
  let result = '';
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar >= 0 && dollar + 1 < text.length; dollar = text.indexOf('$', at)) {
    result += text.slice(at, dollar);
    const { name, width } = nameAfter(text, dollar + 1);
    // Bad syntax such as `${}` vanishes; a `$` without a name stays.
    if (name === '') result += width === 0 ? '$' : '';
    else result += env[name] ?? '';
    at = dollar + 1 + width;
  }
  return result + text.slice(at);
}

/** Variables that the text asks for and the environment lacks, each with its first line: they become nothing. */
export function missingVariables(text: string, env: NodeJS.ProcessEnv): { name: string; line: number }[] {
  const missing = new Map<string, number>();
  for (const [at, line] of text.split('\n').entries()) {
    // What a comment says is read by nobody.
    for (const [, braced, bare] of line.replace(/(^|\s)#.*/, '').matchAll(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g)) {
      const name = braced ?? bare ?? '';
      if (env[name] === undefined && !missing.has(name)) missing.set(name, at + 1);
    }
  }
  return [...missing].map(([name, line]) => ({ name, line }));
}

/** The name that begins there, and how many characters it takes. Go os/env.go getShellName. */
function nameAfter(text: string, start: number): { name: string; width: number } {
  if (text[start] === '{') {
    const special = text[start + 1] ?? '';
    if (isSpecial(special) && text[start + 2] === '}') return { name: special, width: 3 };
    const end = text.indexOf('}', start + 1);
    // Go gives up on what is not closed, and takes the brace away alone.
    if (end < 0) return { name: '', width: 1 };
    return end === start + 1 ? { name: '', width: 2 } : { name: text.slice(start + 1, end), width: end - start + 1 };
  }
  if (isSpecial(text[start] ?? '')) return { name: text[start]!, width: 1 };
  const word = /\w*/y;
  word.lastIndex = start;
  const [name] = word.exec(text)!;
  return { name, width: name.length };
}

/** Names of one character that shells know; the environment never has them. */
function isSpecial(character: string): boolean {
  return /^[*#$@!?\-0-9]$/.test(character);
}
