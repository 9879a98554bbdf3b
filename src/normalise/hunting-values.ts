/**
 * Returns the value of a `dynamic` column, which comes as what it is or as JSON text (API reference §10.2); text that is
 * no JSON stays text.
 */
export function dynamicOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
