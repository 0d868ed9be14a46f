import { K3duiError, toK3duiError } from '../../errors.ts';

/** Something wrong, or worth knowing, with what was asked for. */
export interface Problem {
  /** Field of the request: `name`, `ports`, `kubeAPI`, … as in ClusterSpec. */
  field: string;
  /** Which entry, when the field is a list. */
  index?: number;
  code: string;
  message: string;
  hint?: string;
  severity: 'error' | 'warning';
}

/** Collects problems while a request is worked out, so that a form can show all of them at once. */
export class Problems {
  readonly list: Problem[] = [];

  /** Runs `work`; what it throws becomes an error of the field, and `fallback` its result. */
  try<T>(field: string, work: () => T, fallback: T, index?: number): T {
    try {
      return work();
    } catch (thrown) {
      const { code, message, hint } = toK3duiError(thrown);
      this.list.push({ field, index, code, message, hint, severity: 'error' });
      return fallback;
    }
  }

  error(field: string, code: string, message: string, hint?: string): void {
    this.list.push({ field, code, message, hint, severity: 'error' });
  }

  warn(field: string, code: string, message: string, hint?: string): void {
    this.list.push({ field, code, message, hint, severity: 'warning' });
  }

  get warnings(): string[] {
    return this.list
      .filter(problem => problem.severity === 'warning')
      .map(({ message, hint }) => (hint ? `${message} (${hint})` : message));
  }

  /** Throws the first error, if there is one. */
  throwFirst(): void {
    const problem = this.list.find(({ severity }) => severity === 'error');
    if (problem) throw new K3duiError(problem);
  }
}
