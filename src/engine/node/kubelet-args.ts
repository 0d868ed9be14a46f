/** One argument of kubelet, without the dashes. */
export interface KubeletArgument {
  name: string;
  value: string;
}

/** k3s writes the whole command line of what it runs in its own process. */
const RUNNING = /Running kubelet(?: (.*?))?"?\s*$/;

/**
 * The arguments that k3s gave its kubelet, from a line of its log (`level=info msg="Running kubelet --a=b …"`), in the
 * order given. undefined for any other line. Values may hold spaces and commas: a new argument begins only with ` --`.
 */
export function kubeletArguments(line: string): KubeletArgument[] | undefined {
  const match = RUNNING.exec(line);
  if (!match || !/msg=|^Running/.test(line)) return undefined;
  return ` ${(match[1] ?? '').replaceAll('\\"', '"')}`
    .split(/ --(?=[a-z])/)
    .slice(1)
    .map(text => {
      const equals = text.indexOf('=');
      return equals < 0
        ? { name: text.trim(), value: '' }
        : { name: text.slice(0, equals), value: text.slice(equals + 1) };
    });
}
