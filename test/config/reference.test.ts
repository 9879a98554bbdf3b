import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generatedDocuments } from '../../.ci/write-docs.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { markdownReference } from '../../src/config/reference.ts';
import { parts } from './parts.ts';

describe('documents written from the code', () => {
  test.each([...generatedDocuments()])('%s is up to date; else: run npm run docs', (path, text) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  });
});

describe('the Markdown reference', () => {
  const page = markdownReference(parts);
  const line = (start: string) => page.split('\n').find((row) => row.startsWith(start));

  test.each([
    [
      'a key with a default',
      '| `retention` |',
      '| `retention` | [duration](#kind-duration) | `7d` | How long delivered events can be replayed. |',
    ],
    [
      'a key within keys',
      '| `batch.linger` |',
      '| `batch.linger` | [duration](#kind-duration) | `200ms` | How long a batch that is not full waits for more, counted from the batch before it: an event that comes alone is sent at once. |',
    ],
    ['a required key', '| `to` |', '| `to` | list of text | required | Names of the sinks. |'],
    [
      'a choice',
      '| `updates` |',
      '| `updates` | `all`, `new` | `all` | `all` delivers later states of a known record too, `new` only its first. |',
    ],
    [
      'the types of sinks',
      '| `type` | `socket`',
      '| `type` | `socket`, `web`, `disk` | required | Decides which of the further keys below there are. |',
    ],
    [
      'the types of sources',
      '| `type` | `graph',
      '| `type` | `graph-alerts`, `detections` | `graph-alerts` | Decides which of the further keys below there are. |',
    ],
    ['an option of a type', '| `url` |', '| `url` | text | required | Where to post. |'],
    ['open keys', '| `headers` |', '| `headers` | keys with [secret](#kind-secret) |  |  |'],
    [
      'a kind of text',
      '| <a id="kind-size">',
      '| <a id="kind-size"></a>size | Bytes: a number, or a number and KiB, MiB, GiB, KB, MB or GB. |',
    ],
  ])('%s', (_name, start, row) => expect(line(start)).toBe(row));

  test('has a part for each type, with its own keys only', () => {
    const web = page.slice(page.indexOf('### sinks: `type: web`'), page.indexOf('### sinks: `type: disk`'));
    expect(web).toContain('| `acknowledge` |');
    expect(web).not.toContain('| `batch` |');
    expect(page).toContain('### sources: `type: graph-alerts` (the default)');
  });

  test('has no cell that breaks its table', () => {
    const tables = page.split('\n').filter((row) => row.startsWith('|'));
    const cells = tables.map((row) => row.replaceAll('\\|', '').split('|').length);
    expect(new Set(cells)).toEqual(new Set([4, 6]));
  });
});

describe('the JSON Schema', () => {
  const schema = jsonSchema(parts);

  test('is draft 2020-12, and lets nothing unknown through', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['tenants', 'sources', 'sinks'],
      additionalProperties: false,
    });
  });

  test('says text where the program has milliseconds, bytes and credentials', () => {
    expect(schema.$defs?.duration?.type).toBe('string');
    expect(schema.$defs?.secret).toEqual({ description: expect.any(String), type: 'string', minLength: 1 });
    expect(schema.properties?.store?.properties?.retention?.default).toBe('7d');
  });

  test('leads every reference to a definition', () => {
    const references = [...JSON.stringify(schema).matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name);
    expect(Object.keys(schema.$defs ?? {})).toEqual(expect.arrayContaining([...new Set(references)]));
  });
});
