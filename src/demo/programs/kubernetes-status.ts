import type { ServerResponse } from 'node:http';

/** Kubernetes' own way to say no. */
export function status(res: ServerResponse, code: number, reason: string, message: string): void {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: code < 400 ? 'Success' : 'Failure',
    message,
    reason,
    code,
  };
  res.writeHead(code, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(body));
}
