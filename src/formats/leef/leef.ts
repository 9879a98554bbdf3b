import { z } from 'zod';
import { connectorVendor } from '../../connector-facts.ts';
import type { SecurityEvent } from '../../event.ts';
import { cleanLine, plainTest } from '../clean.ts';
import type { Format, Formatter } from '../format.ts';
import {
  encodeFields,
  encodeText,
  joinFields,
  prefixes,
  shrinkable,
  type TextEncoding,
} from '../key-value.ts';
import { type QuickEncoding, quickWriter } from '../key-value-writer.ts';
import { fieldsOf, headerFields, type MappingRow, textField } from '../mapping.ts';
import { recently } from '../recent.ts';
import { fits, shrink } from '../size-budget.ts';
import { codesOf, holdsOneOf } from '../text-search.ts';
import { leefConnectorMapping } from './leef-connector-mapping.ts';
import { leefHeader, leefMapping } from './leef-mapping.ts';

const eventIdCharacters = 255;
const tab = '\t';
/** In the order in which `auto` tries them; all printable, so that they pass relays (formats reference §3.4). */
const delimiters = [...'^~@#!$%&;,?+*{}[]<>`'];
/** When values hold all of them: this one, and values lose it to a space. */
const lastResort = '^';

const leefOptions = z
  .strictObject({
    version: z
      .enum(['2.0', '1.0'])
      .default('2.0')
      .describe('Version of LEEF. 1.0 always separates by TAB, which relays such as rsyslog destroy.'),
    delimiter: z
      .string()
      .regex(
        /^(?:auto|tab|[!-/:-<>-@[-`{-~])$/,
        'write auto, tab, or one printable character that is no letter, digit, space or =',
      )
      .default('auto')
      .describe(
        'What separates attributes in LEEF 2.0: `auto` (for each record the first printable character that none of its values holds: safe through relays), `tab`, or one printable character, which values then lose to a space.',
      ),
  })
  .refine(({ version, delimiter }) => version === '2.0' || delimiter === 'auto' || delimiter === 'tab', {
    message: 'LEEF 1.0 separates by TAB only: leave delimiter out, or write version 2.0',
    path: ['delimiter'],
  });

/** Names what was left out or cut (formats reference §1.3). */
const truncatedKey = 'truncated';

/** How a kind of event is written: vendor, product and version of the header, and its attributes. */
interface Layout {
  readonly sender: string;
  readonly mapping: readonly MappingRow[];
  readonly prefix: readonly string[];
}

const alertLayout: Layout = {
  sender: 'Microsoft|Defender|1.0',
  mapping: leefMapping,
  prefix: prefixes(leefMapping),
};
const connectorLayout: Layout = {
  sender: `${connectorVendor}|${connectorVendor}|1.0`,
  mapping: leefConnectorMapping,
  prefix: prefixes(leefConnectorMapping),
};
const headerText: TextEncoding = {
  isPlain: plainTest('|'),
  isClean: plainTest('|'),
  clean: (value) => cleanLine(value, '|', '/'),
  escape: (cleaned) => cleaned,
};

/** Categories are few. */
const recentHeaderText = recently((value) => encodeText(value, Number.POSITIVE_INFINITY, headerText, '', []));

/** IBM's Log Event Extended Format, 2.0 or 1.0 (formats reference §3). It has no escapes: cleaning does it all. */
export const leef: Format<typeof leefOptions> = {
  name: 'leef',
  options: leefOptions,
  contentType: 'text/plain; charset=utf-8',
  fields: [
    ...headerFields(leefHeader),
    ...fieldsOf(leefMapping, leefConnectorMapping),
    textField(truncatedKey),
  ],
  create: leefFormatter,
};

function leefFormatter({ version, delimiter }: z.output<typeof leefOptions>): Formatter {
  if (version === '1.0') return formatter(tab, (sender, eventId) => `LEEF:1.0|${sender}|${eventId}|`);
  if (delimiter === 'auto') return formatter('auto', leef2Head);
  return formatter(delimiter === 'tab' ? tab : delimiter, leef2Head);
}

function formatter(
  delimiter: string,
  head: (sender: string, eventId: string, delimiter: string) => string,
): Formatter {
  const automatic = delimiter === 'auto';
  const encoding = attributeText(automatic ? tab : delimiter);

  const separator = automatic ? (delimiters[0] ?? tab) : delimiter;
  const quickly = (mapping: readonly MappingRow[]) =>
    quickWriter(mapping, quickText(encoding, separator, automatic), separator);
  const writeAlert = quickly(leefMapping);
  const writeOwn = quickly(leefConnectorMapping);

  const carefully: Formatter = (event, maxBytes) => {
    const cut: string[] = [];
    const id = eventId(event, cut);
    const { sender, mapping, prefix } = event.kind === 'connector' ? connectorLayout : alertLayout;
    const fields = encodeFields(event, mapping, prefix, encoding, cut);
    const write = (kept: readonly string[], truncated: readonly string[]): string => {
      const last = truncatedField(truncated);
      if (!automatic) return head(sender, id, delimiter) + joinFields(kept, delimiter, last);
      const free = freeDelimiter(kept, last);
      if (free !== undefined) return head(sender, id, free) + joinFields(kept, free, last);
      return head(sender, id, lastResort) + joinFields(kept.map(withoutLastResort), lastResort, last);
    };
    const text = write(fields, cut);
    if (fits(text, maxBytes)) return { kind: 'formatted', text, truncated: cut };
    return shrink(shrinkable({ event, mapping, prefix, encoding, fields, cut, write }), maxBytes);
  };

  return (event, maxBytes) => {
    const cut: string[] = [];
    const own = event.kind === 'connector';
    const id = eventId(event, cut);
    const fields = own ? writeOwn(event, cut) : writeAlert(event, cut);
    if (fields === undefined || cut.length > 0) return carefully(event, maxBytes);
    const text = head((own ? connectorLayout : alertLayout).sender, id, separator) + fields;
    return fits(text, maxBytes) ? { kind: 'formatted', text, truncated: cut } : carefully(event, maxBytes);
  };
}

/** How values are written that `delimiter` separates: without it, since LEEF cannot escape it. */
function attributeText(delimiter: string): TextEncoding {
  const forbidden = delimiter === tab ? '' : delimiter;
  const isPlain = plainTest(forbidden);
  return {
    isPlain,
    isClean: isPlain,
    clean: (value) => cleanLine(value, forbidden),
    escape: (cleaned) => cleaned,
  };
}

/**
 * The same, quickly: with line breaks and TABs, which prose holds. Where the delimiter is one of many, a value with the
 * first of them asks for another.
 */
function quickText(encoding: TextEncoding, separator: string, automatic: boolean): QuickEncoding {
  return {
    ...encoding,
    isSpecial: holdsOneOf(codesOf(`\t\n\r${separator === tab ? '' : separator}`)),
    writeSpecial: recently(encoding.clean),
    reserved: automatic ? separator : undefined,
  };
}

/**
 * The kind of event: its category, of which there are few, so that QIDs can be made for them (§11.3); of the
 * connector's own, the type.
 */
function eventId(event: SecurityEvent, cut: string[]): string {
  const category = (event.kind === 'connector' ? event.detectorId : event.category) ?? '';
  const written =
    (category.length > eventIdCharacters
      ? encodeText(category, eventIdCharacters, headerText, 'EventID', cut)
      : recentHeaderText(category)) || 'Unknown';
  // Readers that undo `\|` would read on behind the pipe (formats reference §3.1).
  return written.endsWith('\\') ? `${written.slice(0, -1)}/` : written;
}

/** The pipe and the TAB by their code, which leaves no doubt where the header ends. */
function leef2Head(sender: string, id: string, delimiter: string): string {
  const written = delimiter === tab ? 'x09' : delimiter === '|' ? 'x7C' : delimiter;
  return `LEEF:2.0|${sender}|${id}|${written}|`;
}

function truncatedField(names: readonly string[]): string {
  return names.length === 0 ? '' : `${truncatedKey}=${names.join(',')}`;
}

function freeDelimiter(fields: readonly string[], last: string): string | undefined {
  return delimiters.find(
    (candidate) => !last.includes(candidate) && !fields.some((field) => field.includes(candidate)),
  );
}

/** Takes the delimiter of the last resort out of a field's value; empty when nothing is left of it. */
function withoutLastResort(field: string): string {
  const start = field.indexOf('=') + 1;
  const value = cleanLine(field.slice(start), lastResort);
  return value === '' ? '' : field.slice(0, start) + value;
}
