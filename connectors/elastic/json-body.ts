/** A JSON object of an answer, of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns the JSON object that a body is; undefined when it is none, such as a proxy's page. */
export function objectIn(body: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // A proxy answers with HTML.
  }
  return isObject(value) ? value : undefined;
}

/** Tells whether a value of an answer is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
