import { textOf } from './json-value.ts';

/** Returns the category as sent; undefined also for the text `null`, which one capture has (API reference §4.3). */
export function categoryOf(value: unknown): string | undefined {
  const category = textOf(value);
  return category === 'null' ? undefined : category;
}
