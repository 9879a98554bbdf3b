import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../src/admin/html.ts';
import { anyText } from '../support/any-text.ts';

test('what is HTML already is not escaped again, alone or in a list', () => {
  const row = html`<b>${'<'}</b>`;
  expect(html`<p>${row}${[row, row]}${7}</p>`.text).toBe('<p><b>&lt;</b><b>&lt;</b><b>&lt;</b>7</p>');
});

test('no text ends its element or its quoted attribute, and each reads as it was', () => {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
  fc.assert(
    fc.property(
      fc.oneof(anyText, fc.constantFrom('</p><script>', '" onload="x', "' x='", '&lt;')),
      (value) => {
        const { text } = html`<p title="${value}">${value}</p>`;
        const [, title = '', content = ''] = /^<p title="([^"'<>]*)">([^"'<>]*)<\/p>$/.exec(text) ?? [];
        const read = (escaped: string) =>
          escaped.replaceAll(/&(.*?);/gs, (_entity, name: string) => entities[name] ?? 'unknown');
        expect([read(title), read(content)]).toEqual([value, value]);
      },
    ),
  );
});
