import { expect, test } from 'vitest';
import { style } from '../../src/admin/status-page-style.ts';

/** The colours of a scheme, by their names. */
function coloursOf(block: string): ReadonlyMap<string, string> {
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name = '', colour = '']) => [name, colour]),
  );
}

/** Relative luminance (WCAG 2.2, definition). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const [light = '', dark = ''] = style.split('@media (prefers-color-scheme: dark)');

test.each([
  ['light', coloursOf(light)],
  ['dark', coloursOf(dark)],
])('every text is readable on its ground in the %s scheme (WCAG 2.2 §1.4.3)', (_scheme, colours) => {
  const pairs = [
    ...['text', 'quiet', 'link'].flatMap((text) => [
      [text, 'ground'],
      [text, 'sheet'],
    ]),
    ...['ok', 'note', 'bad'].map((tone) => [tone, `${tone}-ground`]),
  ];
  for (const [text = '', ground = ''] of pairs) {
    const found = contrast(colours.get(text) ?? '', colours.get(ground) ?? '');
    expect(found, `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
});
