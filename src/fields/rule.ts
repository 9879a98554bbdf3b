/**
 * Parameters of a refinement over an object that runs even when one of its keys is wrong, so that every problem of a
 * configuration shows at once. The refinement must then expect any value under any key.
 */
export const evenWhenInvalid = {
  when: ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null,
};

/** Returns which of `keys` stand in `value`, in the order of `keys`. */
export function present<Key extends string>(
  value: Readonly<Partial<Record<Key, unknown>>>,
  keys: readonly Key[],
): readonly Key[] {
  return keys.filter((key) => value[key] !== undefined);
}
