import type { Finding } from '../language.ts';
import { error, offset, quoted, unsafeCharacters, warning } from '../text.ts';
import { checkIanaElement, ianaIds } from './iana-elements.ts';

/** An element: its SD-ID, and its parameters in order, unescaped. */
export type StructuredElement = readonly [
  id: string,
  parameters: readonly (readonly [name: string, value: string])[],
];

/** What was read of the structured data. */
export interface StructuredDataReading {
  readonly elements: readonly StructuredElement[];
  /** Where it ends. */
  readonly end: number;
  /** False where its end could not be found. */
  readonly closed: boolean;
  readonly findings: readonly Finding[];
}

const rule = 'RFC 5424 §6.3';

/** Reads STRUCTURED-DATA, which begins at `start`: `-`, or elements without a space between them. */
export function readStructuredData(text: string, start: number): StructuredDataReading {
  if (text.charAt(start) === '-') return { elements: [], end: start + 1, closed: true, findings: [] };
  const findings: Finding[] = [];
  const elements: StructuredElement[] = [];
  const ids = new Set<string>();
  let at = start;
  while (text.charAt(at) === '[') {
    const read = readElement(text, at, findings);
    if (ids.has(read.element[0])) {
      findings.push(error(read.element[0], 'RFC 5424 §6.3.2', 'an SD-ID stands once in a message'));
    }
    ids.add(read.element[0]);
    elements.push(read.element);
    at = read.end;
    if (read.broken) return { elements, end: at, closed: false, findings };
  }
  if (elements.length === 0) {
    findings.push(error('STRUCTURED-DATA', rule, 'is neither - nor an element in brackets'));
  }
  return { elements, end: at, closed: elements.length > 0, findings };
}

interface ElementReading {
  readonly element: StructuredElement;
  readonly end: number;
  /** Its end was not found: what follows cannot be told apart. */
  readonly broken: boolean;
}

function readElement(text: string, start: number, findings: Finding[]): ElementReading {
  let at = start + 1;
  const id = readName(text, at);
  at += id.length;
  findings.push(...checkId(id, start));
  const parameters: [string, string][] = [];
  while (text.charAt(at) === ' ') {
    const space = at;
    while (text.charAt(at) === ' ') at++;
    const name = readName(text, at);
    if (at - space > 1 || name === '') {
      findings.push(
        error(offset(space), rule, 'one space stands before each parameter, and none behind the last'),
      );
    }
    if (name === '') break;
    if (!isName(name)) findings.push(error(`${id} ${name}`, 'RFC 5424 §6.3.3', badName));
    at += name.length;
    if (!text.startsWith('="', at)) break;
    const value = readValue(text, at + 2, `${id} ${name}`, findings);
    parameters.push([name, value.value]);
    at = value.end;
  }
  const closed = text.charAt(at) === ']';
  if (closed) at++;
  else
    findings.push(
      error(
        offset(at),
        rule,
        `the element ${quoted(id)} is not closed here: parameters are name="value", " and ] in a value are \\" and \\]`,
      ),
    );
  for (const finding of checkIanaElement(id, parameters)) findings.push(finding);
  return { element: [id, parameters], end: at, broken: !closed };
}

function readName(text: string, start: number): string {
  let end = start;
  while (end < text.length && !' ="]'.includes(text.charAt(end))) end++;
  return text.slice(start, end);
}

const badName = 'a name has 1 to 32 printable ASCII characters without space, =, ] and "';

function isName(name: string): boolean {
  return /^[\x21-\x7e]{1,32}$/.test(name);
}

function checkId(id: string, start: number): readonly Finding[] {
  const at = id === '' ? offset(start) : id;
  const section = 'RFC 5424 §6.3.2';
  if (!isName(id)) return [error(at, section, badName)];
  if (!id.includes('@')) {
    if (ianaIds.has(id)) return [];
    return [
      error(
        at,
        section,
        `a name without @ is IANA's to give: ${[...ianaIds].join(', ')}; an own one is name@number`,
      ),
    ];
  }
  if (!/^[^@]+@\d+(?:\.\d+)*$/.test(id)) {
    return [error(at, section, 'behind the @ stands the private enterprise number alone')];
  }
  if (/@32473(?:\.|$)/.test(id))
    return [warning(at, 'RFC 5424 §7.2.2', '32473 is the number for documentation: use your own')];
  return [];
}

function readValue(text: string, start: number, where: string, findings: Finding[]) {
  let value = '';
  let at = start;
  for (; at < text.length && text.charAt(at) !== '"'; at++) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === ']') {
      findings.push(error(where, 'RFC 5424 §6.3.3', 'a ] in a value is not escaped: write \\]'));
    } else if (character === '\\' && '"\\]'.includes(next) && next !== '') {
      value += next;
      at++;
      continue;
    } else if (character === '\\') {
      findings.push(
        error(
          where,
          'RFC 5424 §6.3.3',
          'a backslash in a value is not escaped: write \\\\; \\n and the like mean nothing',
        ),
      );
    }
    value += character;
  }
  for (const { name } of unsafeCharacters(value)) {
    findings.push(
      warning(where, 'RFC 5424 §6.3.3', `holds ${name}, which readers show or change each in its own way`),
    );
  }
  return { value, end: text.charAt(at) === '"' ? at + 1 : at };
}
