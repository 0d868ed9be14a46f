import type { Command, Option } from 'commander';
import { K3duiError } from '../errors.ts';

const TRUE = /^(1|t|T|TRUE|true|True)$/;
const FALSE = /^(0|f|F|FALSE|false|False)$/;

/**
 * Go's ways to write flags that commander does not know: `--wait=false` for a flag that is on or off, `-p=8080:80` for
 * a short one with a value. Gives the arguments in commander's ways; what follows `--` and values stay as they are.
 */
export function normaliseFlags(program: Command, argv: string[]): string[] {
  const result: string[] = [];
  let command = program;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') return [...result, ...argv.slice(i)];
    if (!arg.startsWith('-') || arg === '-') {
      command = command.commands.find(sub => sub.name() === arg || sub.aliases().includes(arg)) ?? command;
      result.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const option = command.options.find(known => known.long === name || known.short === name);
    if (!option || equals < 0) {
      result.push(arg);
      // The value belongs to the flag, also when it looks like one: --k3s-arg --disable=traefik.
      if (option?.required && i + 1 < argv.length) result.push(argv[++i]!);
      continue;
    }
    const value = arg.slice(equals + 1);
    if (option.required) result.push(...(name === option.short ? [name, value] : [arg]));
    else result.push(onOrOff(option, value));
  }
  return result;
}

function onOrOff(option: Option, value: string): string {
  const long = option.long!;
  if (TRUE.test(value)) return long;
  if (FALSE.test(value)) return long.startsWith('--no-') ? `--${long.slice(5)}` : `--no-${long.slice(2)}`;
  throw new K3duiError({
    code: 'USAGE',
    message: `invalid value '${value}' for ${long}: neither true nor false`,
    hint: `write ${long}=true or ${long}=false`,
  });
}
