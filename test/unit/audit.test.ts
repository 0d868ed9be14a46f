import { expect, test } from 'vitest';
import { judge, verdictLines } from '../../scripts/audit.ts';

const answer = (vulnerabilities: object) => JSON.stringify({ auditReportVersion: 2, vulnerabilities });

test('an advisory that is high or critical fails, and its package is named', () => {
  const verdict = judge(
    answer({
      'bad-one': { severity: 'critical', via: [{ title: 'runs anything', severity: 'critical' }] },
      parent: { severity: 'high', via: ['bad-one'] },
      lesser: { severity: 'moderate', via: [{ title: 'slow' }] },
    }),
  );
  expect(verdict).toEqual({ bad: ['bad-one (critical): runs anything', 'parent (high): by bad-one'], others: 1 });
  expect(verdictLines(verdict)[0]).toBe('2 packages with a high or critical weakness, 1 lesser:');
});

test('none is no failure, nor are lesser ones', () => {
  expect(judge(answer({}))).toEqual({ bad: [], others: 0 });
  expect(verdictLines(judge(answer({ a: { severity: 'low', via: [] } })))).toEqual([
    'no known weakness that is high or critical, 1 lesser',
  ]);
});

test.each([
  [
    JSON.stringify({ message: '405 Method Not Allowed - POST https://advisories.example/bulk' }),
    '405 Method Not Allowed - POST the service',
  ],
  [JSON.stringify({ error: { code: 'ENOTFOUND', summary: '' } }), 'ENOTFOUND'],
  ['', 'npm printed nothing'],
  ['npm: not found', 'npm: not found'],
])('a service that gives no list (%s) is told loudly, not taken for a clean bill', (printed, why) => {
  const verdict = judge(printed);
  expect(verdict).toEqual({ bad: [], others: 0, silent: why });
  expect(verdictLines(verdict)[1]).toMatch(/^NOT AUDITED/);
});
