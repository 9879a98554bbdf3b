import fc from 'fast-check';

/**
 * Any text of code points, lone surrogates included, with controls and line breaks far oftener than by chance. Unlike
 * fast-check's own unit `binary` it needs no table, which takes seconds to build.
 */
export const anyText = fc.string({
  unit: fc
    .oneof(
      fc.integer({ min: 0, max: 0xff }),
      fc.constantFrom(
        0x0a,
        0x0d,
        0x00,
        0x22,
        0x5c,
        0x5d,
        0x85,
        0x2028,
        0x2029,
        0xfeff,
        0xd800,
        0xdc00,
        0x1f600,
      ),
      fc.integer({ min: 0, max: 0x10ffff }),
    )
    .map((codePoint) => String.fromCodePoint(codePoint)),
});
