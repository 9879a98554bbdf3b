import fc from 'fast-check';

/** Text that is rich in what could fool a splitter. */
export const trickyText = fc
  .array(
    fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '\n', '\u2028', '€', '😀', 'value', '\ud800'),
  )
  .map((parts) => parts.join(''));
/** Any JSON object, its strings and names rich in the same. */
export const { object: trickyObject } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    trickyText,
    fc.constantFrom<unknown[]>(null, true, false, 0, -1.5e-7, 1e21),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(trickyText, tie('value'), { maxKeys: 3 }),
}));
