/** A line as logrus, k3s' logger, writes it: to stderr, `level` first, the message quoted. */
export function log(level: 'info' | 'warning' | 'error' | 'fatal', message: string): void {
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  process.stderr.write(`time="${time}" level=${level} msg=${JSON.stringify(message)}\n`);
}

export const info = (message: string): void => log('info', message);
export const warn = (message: string): void => log('warning', message);
export const error = (message: string): void => log('error', message);

/** Logs the line k3s dies with and ends the process with 1, as k3s does. */
export function fatal(message: string): never {
  log('fatal', message);
  process.exit(1);
}

/** A line as klog, Kubernetes' logger, writes it (`I1123 05:27:33.376934      28 server.go:195] …`). */
export function klog(source: string, message: string, severity: 'I' | 'W' | 'E' = 'I'): void {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${two(now.getUTCMonth() + 1)}${two(now.getUTCDate())}`;
  const clock = `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`;
  const micros = String(now.getUTCMilliseconds() * 1000).padStart(6, '0');
  const pid = String(process.pid).padStart(7);
  process.stderr.write(`${severity}${day} ${clock}.${micros} ${pid} ${source}] ${message}\n`);
}
