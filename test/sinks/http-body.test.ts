import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBody } from '../../src/sinks/http-body.ts';
import { jsonString } from '../../src/sinks/json-string.ts';
import { oneLine } from '../../src/sinks/one-line.ts';
import { anyText } from '../support/any-text.ts';
import { payloads } from '../support/sink-contract.ts';

const batch = fc.array(anyText, { minLength: 1, maxLength: 6 });

test('texts in an array read back as they were', () => {
  fc.assert(
    fc.property(batch, (texts) => {
      const { bytes } = encodeBody(payloads(...texts), 'array', false);
      expect(JSON.parse(bytes.toString('utf8'))).toEqual(texts.map((text) => text.toWellFormed()));
    }),
  );
});

test('texts on lines are as many lines as texts, whatever reader splits them', () => {
  fc.assert(
    fc.property(batch, (texts) => {
      const body = encodeBody(payloads(...texts), 'ndjson', false).bytes.toString('utf8');
      const lines = body.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
      expect(lines).toEqual([...texts.map(oneLine), '']);
    }),
  );
});

test('records are put in verbatim', () => {
  fc.assert(
    fc.property(fc.array(fc.json(), { minLength: 1, maxLength: 6 }), (records) => {
      const texts = records.map((record) => oneLine(record));
      const { bytes } = encodeBody(payloads(...texts), 'array', true);
      expect(bytes.toString('utf8')).toBe(`[${texts.join(',')}]`);
    }),
  );
});

test('a JSON string is ASCII where a reader could take a character for a line end or a control', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const written = jsonString(text);
      expect(/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(written)).toBe(false);
      expect(JSON.parse(written)).toBe(text.toWellFormed());
    }),
  );
});
