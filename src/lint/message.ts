import { languages } from './index.ts';
import { json } from './json/json.ts';
import type { Finding, Language } from './language.ts';
import { error, warning } from './text.ts';

/** What a message was read as, and everything that is wrong with it. */
export interface CheckedMessage {
  /** Names of its languages from the outermost in: `rfc5424`, `cef`; empty when none recognised it. */
  readonly languages: readonly string[];
  readonly findings: readonly LanguageFinding[];
}

/** A finding, with the language whose rule it is; undefined for rules of the message as bytes. */
export interface LanguageFinding extends Finding {
  readonly language: string | undefined;
}

/** How messages are to be checked. */
export interface LintOptions {
  /** What each message must be, or carry; recognised by itself when absent. */
  readonly as?: Language | undefined;
  /** The longest message that its receiver takes, bytes. */
  readonly maxBytes?: number | undefined;
}

/** More of one message tell nothing new. */
const maxFindings = 50;
/** A message that carries a message that carries a message: more is none of ours. */
const maxLayers = 4;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Checks a message in layers: as bytes, then its syslog header, then what it carries. */
export function lintMessage(bytes: Uint8Array, { as, maxBytes }: LintOptions = {}): CheckedMessage {
  const findings: LanguageFinding[] = [];
  const add = (language: string | undefined, found: readonly Finding[]) => {
    for (const finding of found) findings.push({ ...finding, language });
  };
  if (maxBytes !== undefined && bytes.length > maxBytes) {
    add(undefined, [
      warning(
        undefined,
        'RFC 5424 §6.1',
        `has ${bytes.length} bytes, the receiver takes ${maxBytes}: it cuts the rest off, or reads it as a message of its own`,
      ),
    ]);
  }
  let text = decode(bytes, (finding) => add(undefined, [finding]));
  const names: string[] = [];
  while (names.length < maxLayers) {
    const language = languageOf(text, as, names.length > 0);
    if (language === undefined) break;
    names.push(language.name);
    const found = language.lint(text);
    // A document is JSON first: what is wrong with it as such would show in its own language as something else.
    const plain =
      language !== json && json.recognises(text) && language.payload === undefined ? json.lint(text) : [];
    add(
      json.name,
      plain.filter(
        (finding) => !found.some((other) => other.at === finding.at && other.message === finding.message),
      ),
    );
    add(language.name, found);
    if (language === as || language.payload === undefined) break;
    text = language.payload(text);
  }
  if (names.length === 0) add(undefined, [notRecognised(as)]);
  else if (as !== undefined && !names.includes(as.name)) add(undefined, [notRecognised(as)]);
  return { languages: names, findings: findings.slice(0, maxFindings) };
}

/** What carries another language is read as itself, so that what it carries can be `as`. */
function languageOf(text: string, as: Language | undefined, isCarried: boolean): Language | undefined {
  const recognised = languages.find((language) => language.recognises(text));
  if (as === undefined || recognised?.payload !== undefined) return recognised;
  return isCarried && (recognised === undefined || as.payload !== undefined) ? undefined : as;
}

function notRecognised(as: Language | undefined): Finding {
  return error(
    undefined,
    as === undefined ? 'lint' : as.name,
    as === undefined
      ? `is no message that is known here: ${languages.map(({ name }) => name).join(', ')}`
      : `is no ${as.name}, and carries none`,
  );
}

function decode(bytes: Uint8Array, report: (finding: Finding) => void): string {
  try {
    return utf8.decode(bytes);
  } catch {
    report(
      error(
        undefined,
        'RFC 3629',
        'is not UTF-8: readers refuse it, or each shows something else in place of the bytes',
      ),
    );
    return lenientUtf8.decode(bytes);
  }
}
