/** An event of a request to HEC, as far as it is good. */
export interface HecEvent {
  readonly event: unknown;
  readonly index: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The event's own text in the request. */
  readonly text: string;
}

/** Events up to the first bad one, and by which code that is refused. */
export interface HecEvents {
  readonly events: readonly HecEvent[];
  /** Undefined when all are good. */
  readonly refused: number | undefined;
}

/**
 * Reads the body of a request for events as HEC does (formats reference §5.2): objects one after the other, with nothing but
 * white space between. A list, a comma, or anything else there is refused with code 6 where it stands.
 */
export function readHecEvents(body: string, indexes: readonly string[] | undefined): HecEvents {
  const events: HecEvent[] = [];
  for (let rest = body.trimStart(); rest !== ''; ) {
    const text = leadingObject(rest);
    if (text === undefined) return { events, refused: 6 };
    const members = JSON.parse(text) as Record<string, unknown>;
    const refused = codeOf(members, text, indexes);
    if (refused !== 0) return { events, refused };
    const { event, index, fields = {} } = members;
    events.push({
      event,
      index: typeof index === 'string' ? index : undefined,
      fields: fields as HecEvent['fields'],
      text,
    });
    rest = rest.slice(text.length).trimStart();
  }
  return { events, refused: undefined };
}

/** Returns the JSON object that a text begins with; undefined where it begins with none. */
function leadingObject(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[{}]/g)) {
    if (token === '{') depth++;
    if (token === '}') depth--;
    if (depth > 0) continue;
    const object = text.slice(0, index + 1);
    return isJson(object) ? object : undefined;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The code by which an event is refused (§5.2, §5.4); 0 for a good one. */
function codeOf(
  members: Readonly<Record<string, unknown>>,
  text: string,
  indexes: readonly string[] | undefined,
): number {
  const { event, fields, index } = members;
  if (!('event' in members)) return 12;
  if (event === null || (typeof event === 'string' && event.trim() === '')) return 13;
  if (typeof event !== 'string' && typeof event !== 'object') return 6;
  for (const key of ['host', 'source', 'sourcetype', 'index']) {
    if (members[key] !== undefined && typeof members[key] !== 'string') return 6;
  }
  if (!isGoodTime(members, text) || !areGoodFields(fields)) return 15;
  return index === undefined || indexes === undefined || indexes.includes(String(index)) ? 0 : 7;
}

/** Seconds, as a number or a text: no exponent, no sign, no unit. */
function isGoodTime({ time }: Readonly<Record<string, unknown>>, text: string): boolean {
  if (time === undefined) return true;
  if (typeof time === 'string') return /^\d+(?:\.\d+)?$/.test(time);
  return typeof time === 'number' && /"time"\s*:\s*\d+(?:\.\d+)?\s*[,}]/.test(text);
}

/** A flat object of texts, numbers and lists of these. */
function areGoodFields(fields: unknown): boolean {
  if (fields === undefined) return true;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false;
  const isPlain = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  return Object.values(fields).every((value) =>
    Array.isArray(value) ? value.every(isPlain) : isPlain(value),
  );
}
