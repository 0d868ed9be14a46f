import type { Container } from '../types.ts';
import type { World } from '../world.ts';

/** What an entry point of one's own does around nginx, told from its text. */
export interface EntryScript {
  path: string;
  /** Comments lines of unresolvable names out with this mark, so that nginx starts without them. Empty: it does not. */
  mark: string;
  /** File that takes the configuration's place when nginx has begun; '' for none. */
  later: string;
  /** Starts confd's watch over the values file. */
  confd: boolean;
}

/** The script that a load balancer's container starts with; undefined when that is the image's own `nginx-proxy`, or nginx itself. */
export function entryScript(container: Container): EntryScript | undefined {
  for (const path of [container.path, ...container.args]) {
    const text = path.startsWith('/') ? (container.files.text(path) ?? '') : '';
    if (!/^#!.*sh\b/.test(text) || !/\bnginx\b/.test(text)) continue;
    const mark = /getent hosts/.test(text) ? (/^mark='(#[^']+)'/m.exec(text)?.[1] ?? '') : '';
    const later = /^later=(\/\S+)$/m.exec(text)?.[1] ?? '';
    return { path, mark, later, confd: /confd -watch/.test(text) };
  }
  return undefined;
}

/** The configuration with the lines of unknown names commented out and those of known ones live; an empty upstream refuses. */
export function adjustNames(world: World, container: Container, config: string, mark: string): string {
  const lines: string[] = [];
  let inside = false;
  let live = false;
  for (const line of config.split('\n')) {
    const server = new RegExp(`^\\s*(?:${mark}\\s+)?(server\\s+([^\\s:;]+):\\d+.*)$`).exec(line);
    if (server && server[2] === '127.0.0.1' && / 127\.0\.0\.1:1;/.test(line)) continue;
    if (server) {
      const known = world.resolve(container, server[2]!) !== undefined;
      live ||= known;
      lines.push(known ? `    ${server[1]}` : `    ${mark} ${server[1]}`);
      continue;
    }
    if (/^\s*upstream\s/.test(line)) {
      inside = true;
      live = false;
    } else if (inside && line.trim() === '}') {
      if (!live) lines.push('    server 127.0.0.1:1;');
      inside = false;
    }
    lines.push(line);
  }
  return lines.join('\n');
}
