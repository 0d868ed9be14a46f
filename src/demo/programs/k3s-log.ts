/** Writes lines as k3s does: its own in logrus' shape, Kubernetes' in klog's. */
export class K3sLog {
  #process: { err(line: string): void };

  constructor(process: { err(line: string): void }) {
    this.#process = process;
  }

  info(message: string, more = ''): void {
    this.#line('info', message, more);
  }

  warning(message: string): void {
    this.#line('warning', message, '');
  }

  error(message: string): void {
    this.#line('error', message, '');
  }

  fatal(message: string): void {
    this.#line('fatal', message, '');
  }

  /** `I1123 05:27:40.581385      28 file.go:74] text` */
  klog(level: 'I' | 'W' | 'E', place: string, text: string): void {
    const at = new Date().toISOString();
    this.#process.err(`${level}${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 23)}000      28 ${place}] ${text}`);
  }

  #line(level: string, message: string, more: string): void {
    const time = new Date().toISOString().replace(/\.\d+Z/, 'Z');
    this.#process.err(`time="${time}" level=${level} msg=${JSON.stringify(message)}${more ? ` ${more}` : ''}`);
  }
}
