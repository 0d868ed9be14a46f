import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderNginxConf } from '../../src/engine/loadbalancer/nginx.ts';
import { nginxDifferences } from '../../src/engine/loadbalancer/nginx-differences.ts';
import { formatValues, parseValues } from '../../src/engine/loadbalancer/values.ts';

const RECORDED = JSON.parse(
  readFileSync(new URL('../fixtures/ports/load-balancers.json', import.meta.url), 'utf8'),
) as { recording: string; values: string; nginx: string }[];

/** Without the head, which holds a time stamp in theirs, and without trailing blanks and blank lines. */
const lines = (text: string) =>
  text
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(line => line.trimEnd());

describe("what k3d's load balancers held", () => {
  it.each(RECORDED)('$recording: values.yaml is written as k3d writes it', ({ values }) => {
    expect(formatValues(parseValues(values))).toBe(values);
  });

  it.each(RECORDED)('$recording: nginx.conf is what the template of k3d-proxy makes of it', ({ values, nginx }) => {
    expect(lines(renderNginxConf(parseValues(values)))).toEqual(lines(nginx));
    expect(nginxDifferences(parseValues(values), nginx)).toEqual([]);
  });

  it('holds tcp and udp, or these tests would prove little', () => {
    const all = RECORDED.map(({ values }) => values).join();
    expect(RECORDED.length).toBeGreaterThan(15);
    expect(all).toMatch(/\d+\.udp/);
  });
});

describe('an nginx.conf that says something else than values.yaml', () => {
  const model = parseValues(
    'ports:\n  80.tcp:\n  - a\n  - b\n  6443.tcp:\n  - a\nsettings:\n  workerConnections: 1024\n',
  );

  it('is told apart line by line', () => {
    const other = { ...model, ports: { '80.tcp': ['a', 'c'], '90.udp': ['a'] }, settings: { workerConnections: 7 } };
    expect(nginxDifferences(model, renderNginxConf(other))).toEqual([
      'worker_connections is 7 instead of 1024',
      '80/tcp does not lead to b',
      '80/tcp also leads to c',
      'nothing listens on 6443/tcp',
      'it also listens on 90/udp',
    ]);
    const slow = { ...model, settings: { workerConnections: 1024, defaultProxyTimeout: 5 } };
    expect(nginxDifferences(model, renderNginxConf(slow))).toEqual([
      'proxy_timeout of 80/tcp is 5 instead of 600',
      'proxy_timeout of 6443/tcp is 5 instead of 600',
    ]);
    expect(nginxDifferences(model, renderNginxConf(model).replace('use epoll;', 'use poll;'))).toEqual([
      'it holds lines that k3dui would not write',
    ]);
    expect(nginxDifferences(model, '')).toHaveLength(1);
  });

  it('is no difference where lines are commented out for nodes that do not run', () => {
    expect(nginxDifferences(model, renderNginxConf(model, new Set(['a'])))).toEqual([]);
    expect(nginxDifferences(model, renderNginxConf(model, new Set()))).toEqual([]);
  });
});
