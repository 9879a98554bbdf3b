import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cef } from '../../src/formats/cef/cef.ts';
import { ecs } from '../../src/formats/ecs/ecs.ts';
import { json } from '../../src/formats/json/json.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { lintMessage } from '../../src/lint/message.ts';
import { headerWriter, type SyslogHeader } from '../../src/sinks/syslog-message.ts';
import { anyText } from '../support/any-text.ts';
import { fullEvent, textPaths, withText } from '../support/events.ts';
import { encodeMessage } from '../support/syslog-message.ts';

const formats = [
  ['cef', cef.create(cef.options.parse({}))],
  ['leef', leef.create(leef.options.parse({}))],
  ['leef', leef.create(leef.options.parse({ version: '1.0' }))],
  ['ecs', ecs.create({ original: true })],
  ['json', json.create(json.options.parse({}))],
] as const;

const header: SyslogHeader = {
  rfc: 5424,
  facility: 16,
  hostname: 'connector.example',
  appName: 'defender-siem',
  tag: 'defender-siem',
  timeZone: 'UTC',
  structuredData: { 'own@99': { note: 'a "b" \\ ]' } },
};

describe('what we write has no finding', () => {
  const writers = [headerWriter(header), headerWriter({ ...header, rfc: 3164 })];

  test.each(formats)('%s, whatever the texts of the event', (name, format) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...textPaths),
        anyText,
        fc.constantFrom(600, 8192),
        (path, text, maxBytes) => {
          const withRecord = { ...withText(fullEvent, path, text), json: JSON.stringify({ id: 'a', text }) };
          const formatted = format(withRecord, maxBytes);
          if (formatted.kind !== 'formatted') return;
          for (const [index, write] of writers.entries()) {
            const message = encodeMessage(write(withRecord, 0), formatted.text);
            const expected = { languages: [index === 0 ? 'rfc5424' : 'rfc3164', name], findings: [] };
            expect(lintMessage(message)).toEqual(expected);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what is broken of it is found', () => {
  const [, format] = formats[0];
  const hostile = withText(fullEvent, 'process.commandLine', 'a\\b=c act=allowed\n|d');
  const formatted = format(hostile, Number.POSITIVE_INFINITY);
  const line = formatted.kind === 'formatted' ? formatted.text : '';

  test('any backslash that is taken out, of those that escape', () => {
    const escapes = [...line.matchAll(/\\[\\=]/g)].map(({ index }) => index);
    expect(escapes.length).toBeGreaterThan(3);
    const unseen = escapes
      .map((at) => line.slice(0, at) + line.slice(at + 1))
      .filter((broken) => lintMessage(Buffer.from(broken)).findings.length === 0);
    expect(unseen).toEqual([]);
  });

  test('any pipe of the header, any = of a key with a type, any half of a character', () => {
    const pipes = [...line.matchAll(/(?<!\\)\|/g)].map(({ index }) => index).slice(0, 7);
    for (const at of pipes) {
      expect(lintMessage(Buffer.from(line.slice(0, at) + line.slice(at + 1))).findings).not.toEqual([]);
    }
    const bytes = Buffer.from(`${line} own=é`);
    expect(lintMessage(bytes.subarray(0, -1)).findings).not.toEqual([]);
  });
});
