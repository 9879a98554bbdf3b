import type { Finding, Language } from '../language.ts';
import { error, offset, printable, unsafeCharacters, warning } from '../text.ts';
import { oddMembers } from './members.ts';

/** JSON on one line, as receivers of lines take it: an object, nothing that ends a line for any of them. */
export const json: Language = {
  name: 'json',
  recognises: (text) => /^\ufeff?\s*[{[]/.test(text),
  lint: lintJson,
};

function lintJson(text: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (text.startsWith('\ufeff')) {
    findings.push(error(offset(0), 'RFC 8259 §8.1', 'a byte order mark stands before the JSON'));
  }
  const bare = text.replace(/^\ufeff/, '');
  const problem = problemOf(bare);
  if (problem !== undefined) return [...findings, error(undefined, 'RFC 8259 §2', problem)];
  const { repeated, loneSurrogates } = oddMembers(bare);
  for (const path of repeated) {
    findings.push(
      error(path, 'RFC 8259 §4', 'stands twice: readers take the first, the last, or refuse the object'),
    );
  }
  for (const path of loneSurrogates) {
    findings.push(
      error(path, 'RFC 8259 §8.2', 'holds half a surrogate pair, which strict readers refuse: write \\ufffd'),
    );
  }
  if (!bare.trimStart().startsWith('{')) {
    findings.push(
      warning(
        undefined,
        'RFC 8259 §3',
        'is an array: an event is an object of its own, on a line of its own',
      ),
    );
  }
  for (const { name, code, offset: at } of unsafeCharacters(bare)) {
    if (code === 0x0a || code === 0x0d) {
      findings.push(
        error(
          offset(at),
          'NDJSON',
          `a raw ${name} ends the record for readers of lines: write it on one line`,
        ),
      );
    } else if (code !== 0x09) {
      const digits = code.toString(16).padStart(4, '0');
      findings.push(
        warning(
          offset(at),
          'RFC 8259 §7',
          `a raw ${name}, where some readers end the line: write \\u${digits}`,
        ),
      );
    }
  }
  return findings;
}

/** Returns why a text is no JSON; undefined for JSON. */
function problemOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `is no JSON: ${printable(error instanceof Error ? error.message : String(error))}`;
  }
}
