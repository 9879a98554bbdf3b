// The members of JSON text by where they stand in it, so that some can be left out and the rest stays verbatim.

/** A value in JSON text, with what stands before it when it is a member of an object. */
export interface Member {
  /** Names from the record to here, `[]` for any element: `evidence[].fileDetails.sha256`. */
  readonly path: string;
  /** `"name":`, or empty for the record itself and for elements. */
  readonly key: string;
  /** The value as it stands in the text, when it has no children. */
  text: string;
  readonly kind: 'object' | 'array' | 'leaf';
  readonly children: readonly Member[];
  removed: boolean;
}

/** Deeper values are leaves: no rule names anything below. */
const maxDepth = 5;

/** Returns the record's members, or undefined when the text is not one JSON object without outer white space. */
export function parseMembers(oneLineJson: string): Member | undefined {
  try {
    const { member, end } = readValue(oneLineJson, 0, '', '', 0);
    return member.kind === 'object' && end === oneLineJson.length ? member : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

/** Returns the text of a member without what was removed, its key included. */
export function renderMember(member: Member, extra = ''): string {
  if (member.kind === 'leaf') return member.key + member.text;
  const inner = member.children.filter((child) => !child.removed).map((child) => renderMember(child));
  if (extra !== '') inner.push(extra);
  const [open, close] = member.kind === 'object' ? '{}' : '[]';
  return `${member.key}${open}${inner.join(',')}${close}`;
}

class NotJson extends Error {}

interface Read {
  readonly member: Member;
  readonly end: number;
}

function readValue(json: string, at: number, path: string, key: string, depth: number): Read {
  const opening = json[at];
  if ((opening !== '{' && opening !== '[') || depth >= maxDepth) {
    const end = skipValue(json, at);
    return {
      member: { path, key, text: json.slice(at, end), kind: 'leaf', children: [], removed: false },
      end,
    };
  }
  const kind = opening === '{' ? 'object' : 'array';
  const closing = opening === '{' ? '}' : ']';
  const children: Member[] = [];
  let next = skipSpace(json, at + 1);
  while (json[next] !== closing) {
    if (children.length > 0) next = skipSpace(json, expect(json, next, ','));
    const child =
      kind === 'object'
        ? readMember(json, next, path, depth)
        : readValue(json, next, `${path}[]`, '', depth + 1);
    children.push(child.member);
    next = skipSpace(json, child.end);
  }
  return { member: { path, key, text: '', kind, children, removed: false }, end: next + 1 };
}

function readMember(json: string, at: number, path: string, depth: number): Read {
  const end = skipString(json, at);
  const name = json.slice(at + 1, end - 1);
  const colon = expect(json, skipSpace(json, end), ':');
  const memberPath = path === '' ? name : `${path}.${name}`;
  return readValue(json, skipSpace(json, colon), memberPath, `${json.slice(at, end)}:`, depth + 1);
}

/** Returns where a value ends, without recursion, however deep it is. */
function skipValue(json: string, at: number): number {
  let depth = 0;
  let next = at;
  do {
    const character = json[next];
    if (character === undefined) throw new NotJson();
    if (character === '"') next = skipString(json, next);
    else if (character === '{' || character === '[') {
      depth++;
      next++;
    } else if (character === '}' || character === ']') {
      depth--;
      next++;
    } else if (depth === 0) next = skipLiteral(json, next);
    else next++;
  } while (depth > 0);
  return next;
}

function skipString(json: string, at: number): number {
  let next = expect(json, at, '"');
  for (; json[next] !== '"'; next++) {
    if (json[next] === '\\') next++;
    if (next >= json.length) throw new NotJson();
  }
  return next + 1;
}

const literal = /[-+.0-9A-Za-z]+/y;

function skipLiteral(json: string, at: number): number {
  literal.lastIndex = at;
  if (!literal.test(json)) throw new NotJson();
  return literal.lastIndex;
}

function skipSpace(json: string, at: number): number {
  let next = at;
  while (json[next] === ' ') next++;
  return next;
}

function expect(json: string, at: number, character: string): number {
  if (json[at] !== character) throw new NotJson();
  return at + 1;
}
