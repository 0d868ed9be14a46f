import http from 'node:http';
import https from 'node:https';
import { resolveEndpoint } from './endpoint.ts';
import { openWire } from './wire.ts';

export interface GlanceOptions {
  env: NodeJS.ProcessEnv;
  host?: string;
  /** Milliseconds. */
  limit: number;
}

/**
 * The JSON that the engine gives for one path, without the client and its start-up: for completion, where a person
 * waits between two keys. Rejects with whatever went wrong.
 */
export async function glance(path: string, { env, host, limit }: GlanceOptions): Promise<unknown> {
  const wire = openWire(resolveEndpoint({ env, host }), env);
  const { request } = wire.secure ? https : http;
  const signal = AbortSignal.timeout(limit);
  try {
    return await new Promise((resolve, reject) => {
      const asked = request(
        { ...wire.options, agent: wire.agent, path: `${wire.basePath}${path}`, signal },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            if (response.statusCode !== 200) reject(new Error(`HTTP ${response.statusCode}`));
            else resolve(JSON.parse(Buffer.concat(chunks).toString()));
          });
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  } finally {
    wire.agent.destroy();
  }
}
