import { K3duiError } from '../errors.ts';

/** `KEY=VALUE` or `KEY` (value empty), split at the first `=` as `docker run` does. Throws LABEL_INVALID. */
export function parseLabel(text: string): { key: string; value: string } {
  const equals = text.indexOf('=');
  const key = equals < 0 ? text : text.slice(0, equals);
  if (key === '') {
    throw new K3duiError({
      code: 'LABEL_INVALID',
      message: `invalid label '${text}': it has no key`,
      hint: 'write KEY=VALUE',
    });
  }
  return { key, value: equals < 0 ? '' : text.slice(equals + 1) };
}

/** Like `parseLabel`, for container labels: those clusters are recognised by may not be set. k3d cmd/util/runtimeLabels.go. */
export function parseRuntimeLabel(text: string): { key: string; value: string } {
  const label = parseLabel(text);
  if (label.key === 'app' || label.key.startsWith('k3d.') || label.key.startsWith('k3s.')) {
    throw new K3duiError({
      code: 'LABEL_RESERVED',
      message: `runtime label "${label.key}" is reserved for internal usage`,
      hint: 'clusters are found by the label app and those that begin with k3d. or k3s.: choose another key',
    });
  }
  return label;
}
