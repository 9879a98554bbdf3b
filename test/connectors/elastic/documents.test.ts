import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bulkLines, documentId } from '../../../connectors/elastic/documents.ts';
import { elasticOptions } from '../../../connectors/elastic/options.ts';
import { anyText } from '../../support/any-text.ts';
import { anEvent } from '../../support/event.ts';

const options = { format: 'cef', dataset: undefined, namespace: 'default', tags: ['forwarded'] };

test('whatever the texts are: two lines, an id that is short and safe, and nothing but what was put in', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, anyText, (id, version, tenantId, text) => {
      const [pieces = [], ...more] = bulkLines({ event: anEvent({ id, version, tenantId }), text }, options);
      const lines = pieces.join('');
      expect(more).toEqual([]);
      expect(/[\r\u0085\u2028\u2029]/.test(lines)).toBe(false);
      const [action = '', document = '', ...rest] = lines.split('\n');
      expect(rest).toEqual([]);
      const { create } = JSON.parse(action) as { create: { _id: string } };
      expect(create._id).toMatch(/^[\w-]{43}$/);
      expect(Object.keys(JSON.parse(document) as object)).toEqual([
        '@timestamp',
        'data_stream',
        'message',
        'tags',
      ]);
    }),
    { numRuns: 200 },
  );
});

test('the parts of an id do not run into each other', () => {
  const ids = [
    { id: 'a', version: 'bc' },
    { id: 'ab', version: 'c' },
    { id: 'a', version: 'bc', tenantId: 'x' },
  ].map((facts) => documentId(anEvent(facts)));
  expect(new Set(ids).size).toBe(3);
});

test.each([
  [{ updated: '2026-11-03T08:26:10.1234567Z' }, '2026-11-03T08:26:10.1234567Z'],
  [{ updated: undefined, created: '2026-11-03 08:26:10' }, '2026-11-03T08:26:10.0000000Z'],
  [{ updated: 'soon', lastActivity: '2026-11-03T08:26:10Z' }, '2026-11-03T08:26:10.0000000Z'],
  [{ updated: undefined, observed: '2026-11-03T09:00:00Z' }, '2026-11-03T09:00:00.0000000Z'],
  [{ updated: undefined }, '1970-01-01T00:00:00.0000000Z'],
])(
  'has the time of the state that is sent, else of what is known, else of the acceptance: %j',
  (facts, time) => {
    const [lines = []] = bulkLines({ event: anEvent(facts), text: '' }, options);
    expect(lines.join('')).toContain(`{"@timestamp":"${time}",`);
  },
);

test.each(['https://es.example:9200/?pretty', 'https://es.example:9200/#x'])(
  'a node is an address alone: %s',
  (url) => {
    expect(elasticOptions.safeParse({ url, apiKey: 'k' }).success).toBe(false);
    expect(elasticOptions.safeParse({ url: 'https://es.example:9200/es', apiKey: 'k' }).success).toBe(true);
  },
);
