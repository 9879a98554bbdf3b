import { expect, test } from 'vitest';
import type { Finding } from '../../src/app/live-check/report.ts';
import { tableOf, tallyOf } from '../../src/commands/check-table.ts';

const esc = '\u001b';
const base = { advice: undefined, code: undefined };
const findings: readonly Finding[] = [
  { ...base, id: 'sink.siem.name', result: 'ok', what: 'name', finding: 'siem.example  A 192.0.2.7' },
  {
    id: 'sink.siem.connection',
    result: 'failed',
    what: 'connection',
    finding: '192.0.2.7:6514 refused the connection',
    advice: 'Start the server.',
    code: 'SINK_UNREACHABLE',
  },
  { ...base, id: 'sink.siem.tls', result: 'not-tried', what: 'TLS', finding: 'needs: connection' },
  {
    ...base,
    id: 'sink.siem.client-certificate',
    result: 'warning',
    what: 'client certificate',
    finding: 'ends soon',
    advice: 'Renew it.',
  },
  { ...base, id: 'sink.siem.x', result: 'unknown', what: 'end', finding: 'not told' },
];

test('columns are aligned, and what to do stands under what was found', () => {
  expect(tableOf({ title: 'sink siem (syslog)', findings }, false)).toBe(
    `
sink siem (syslog)
  ok         name                siem.example  A 192.0.2.7
  failed     connection          192.0.2.7:6514 refused the connection
                                 → Start the server.
  not tried  TLS                 needs: connection
  warning    client certificate  ends soon
                                 → Renew it.
  unknown    end                 not told
`.trim(),
  );
});

test('colours on a terminal: green, yellow, red; the columns stay', () => {
  const coloured = tableOf({ title: 'sink siem (syslog)', findings }, true);
  expect(coloured).toContain('\u001b[32mok       \u001b[0m');
  expect(coloured).toContain('\u001b[31mfailed   \u001b[0m');
  expect(coloured).toContain('\u001b[31m→ Start the server.\u001b[0m');
  expect(coloured).toContain('\u001b[33mwarning  \u001b[0m');
  const plain = coloured.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '');
  expect(plain).toBe(tableOf({ title: 'sink siem (syslog)', findings }, false));
});

test('what a certificate or an answer says does not steer the terminal', () => {
  const hostile = 'CN=\u001b]0;owned\u0007\u009b31m\r\nok  all well';
  const table = tableOf(
    { title: 'sink siem', findings: [{ ...base, id: 'x', result: 'ok', what: 'root', finding: hostile }] },
    false,
  );
  expect(table.split('\n')).toHaveLength(2);
  expect(table).toContain('CN=?]0;owned??31m??ok  all well');
});

test('the last line counts what there was', () => {
  expect(tallyOf(findings)).toBe('1 ok, 1 warning, 1 failed, 1 unknown, 1 not tried');
  expect(tallyOf([])).toBe('0 ok');
});
