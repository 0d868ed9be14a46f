/** One simple command of a shell line. */
export interface ShellCommand {
  argv: string[];
  /** Redirections: `>`, `>>`, `<`; standard error to nowhere or to standard output is dropped. */
  into?: { path: string; append: boolean };
  from?: string;
  /** What joins it to the command before: `;`, `&&`, `||`, `|`. */
  joint: ';' | '&&' | '||' | '|';
}

interface Word {
  text: string;
  operator: boolean;
}

/** Splits a line as a shell would, as far as simple lines go: quotes, `$NAME`, `$(…)` not, redirections, `;`, `&&`, `||`, `|`. */
export function parseShell(line: string, env: Record<string, string>): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let current: ShellCommand = { argv: [], joint: ';' };
  const words = split(line, env);
  for (let i = 0; i < words.length; i++) {
    const { text, operator } = words[i]!;
    if (!operator) current.argv.push(text);
    else if (text === '>' || text === '>>') current.into = { path: words[++i]?.text ?? '', append: text === '>>' };
    else if (text === '<') current.from = words[++i]?.text ?? '';
    else if (text === '2>' || text === '2>>') i++;
    else if (text !== '2>&1') {
      if (current.argv.length > 0) commands.push(current);
      current = { argv: [], joint: text === '\n' || text === '&' ? ';' : (text as ShellCommand['joint']) };
    }
  }
  if (current.argv.length > 0 || current.into) commands.push(current);
  return commands;
}

const OPERATORS = ['2>&1', '2>>', '2>', '>>', '&&', '||', '>', '<', '|', ';', '&', '\n'];

function split(line: string, env: Record<string, string>): Word[] {
  const words: Word[] = [];
  let word: string | undefined;
  const flush = () => {
    if (word !== undefined) words.push({ text: word, operator: false });
    word = undefined;
  };
  for (let i = 0; i < line.length; ) {
    const char = line[i]!;
    const operator = OPERATORS.find(text => line.startsWith(text, i) && (!text.startsWith('2') || word === undefined));
    if (operator) {
      flush();
      words.push({ text: operator, operator: true });
      i += operator.length;
    } else if (/\s/.test(char)) {
      flush();
      i++;
    } else if (char === "'") {
      const end = line.indexOf("'", i + 1);
      word = (word ?? '') + line.slice(i + 1, end < 0 ? undefined : end);
      i = end < 0 ? line.length : end + 1;
    } else if (char === '"') {
      let end = i + 1;
      let text = '';
      while (end < line.length && line[end] !== '"') {
        if (line[end] === '\\' && /["\\$`]/.test(line[end + 1] ?? '')) end++;
        text += line[end++];
      }
      word = (word ?? '') + expand(text, env);
      i = end + 1;
    } else if (char === '\\') {
      word = (word ?? '') + (line[i + 1] ?? '');
      i += 2;
    } else {
      const plain = /^[^\s'"\\;&|<>]+/.exec(line.slice(i))![0];
      word = (word ?? '') + expand(plain, env);
      i += plain.length;
    }
  }
  flush();
  return words;
}

const expand = (text: string, env: Record<string, string>): string =>
  text.replace(
    /\$(?:{(\w+)(?::-([^}]*))?}|(\w+))/g,
    (_all, braced, fallback, plain) => env[braced ?? plain] || fallback || '',
  );
