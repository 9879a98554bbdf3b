import { JsonScanner, JsonSyntaxError, type Span } from '../../src/normalise/json-scanner.ts';

/** What an answer's text holds. */
export interface SplitText {
  readonly records: readonly string[];
  readonly nextLink: string | undefined;
}

/**
 * The plain way to split an answer: walks over every character of its text, and parses nothing. What the connector's
 * faster way finds is held against it. Undefined where the answer is no JSON as far as its nesting tells, or has no list.
 */
export function splitText(text: string): SplitText | undefined {
  const scanner = new JsonScanner(text);
  try {
    if (scanner.atEnd()) return undefined;
    let spans: readonly Span[] | undefined;
    let nextLink: string | undefined;
    if (scanner.atList()) spans = scanner.list();
    else {
      scanner.object((name) => {
        if (name === 'value' && scanner.atList()) spans = [...(spans ?? []), ...scanner.list()];
        else if (name === '@odata.nextLink') nextLink = textAt(scanner);
      });
    }
    if (!scanner.atEnd() || spans === undefined) return undefined;
    return { records: spans.map(({ start, end }) => text.slice(start, end)), nextLink };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

function textAt(scanner: JsonScanner): string | undefined {
  const span = scanner.value();
  return scanner.text.startsWith('"', span.start) ? scanner.decode(span) || undefined : undefined;
}
