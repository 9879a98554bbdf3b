import { z } from 'zod';
import type { SecurityEvent } from '../../event.ts';
import { cleanLines, plainTest } from '../clean.ts';
import type { Format, Formatted, Formatter } from '../format.ts';
import { encodeFields, joinFields, prefixes, shrinkable } from '../key-value.ts';
import { type QuickEncoding, type QuickWriter, quickWriter } from '../key-value-writer.ts';
import { fieldsOf, headerFields, type MappingRow, textField } from '../mapping.ts';
import { recently } from '../recent.ts';
import { fits, shrink } from '../size-budget.ts';
import { codesOf, holdsOneOf } from '../text-search.ts';
import { cefConnectorMapping } from './cef-connector-mapping.ts';
import { cefHeaderOf, productCharacters, vendorCharacters, versionCharacters } from './cef-header.ts';
import { cefHeader, cefMapping } from './cef-mapping.ts';
import { cefPublishedMapping } from './cef-published-mapping.ts';

const severityNumber = z.number().int().min(0).max(10).optional();

const cefOptions = z.strictObject({
  vendor: z
    .string()
    .trim()
    .min(1)
    .max(vendorCharacters)
    .default('Microsoft')
    .describe('Device Vendor of the header.'),
  product: z
    .string()
    .trim()
    .min(1)
    .max(productCharacters)
    .optional()
    .describe(
      'Device Product of the header for every record. Without it, the product that raised the alert, such as `Microsoft Defender for Endpoint`.',
    ),
  version: z
    .string()
    .trim()
    .min(1)
    .max(versionCharacters)
    .default('1.0')
    .describe('Device Version of the header: that of the mapping, not of a product.'),
  severity: z
    .strictObject({
      unknown: severityNumber,
      informational: severityNumber,
      low: severityNumber,
      medium: severityNumber,
      high: severityNumber,
      critical: severityNumber,
    })
    .default({})
    .describe('Numbers of the header severity, 0 to 10, in place of 0, 1, 3, 6, 8 and 10.'),
  mapping: z
    .enum(['own', 'published'])
    .default('own')
    .describe(
      'Which facts stand in which keys: `published` is the mapping that Microsoft published for its detections (device version 2.0), for content written on it: `rt` is the time of the alert, `suid` the logged-on users, `shost` the short name, `src` the remote address on whichever side.',
    ),
});

/** A pattern, since paths hold several, which V8 then replaces at once. */
const backslashes = /\\/g;
const holdsBreaks = holdsOneOf(codesOf('\n\r'));

const extensionText: QuickEncoding = {
  isPlain: plainTest('\\=', '\t'),
  isClean: plainTest('', '\t\n\r'),
  clean: cleanLines,
  escape: escapeExtension,
  isSpecial: holdsOneOf(codesOf('\\=\n\r')),
  writeSpecial: recently(escapeExtension),
  reserved: undefined,
};

/** Names what was left out or cut (formats reference §1.3). */
const truncatedKey = 'MSDefenderTruncated';

/** A mapping with what stands before each of its values. */
interface Layout {
  readonly mapping: readonly MappingRow[];
  readonly prefix: readonly string[];
  readonly quickly: QuickWriter;
}

const alertLayouts: Readonly<Record<z.output<typeof cefOptions>['mapping'], Layout>> = {
  own: layoutOf(cefMapping),
  published: layoutOf(cefPublishedMapping),
};
const connectorLayout = layoutOf(cefConnectorMapping);

/** The Common Event Format, version 0: the one that every reader takes (formats reference §2). */
export const cef: Format<typeof cefOptions> = {
  name: 'cef',
  options: cefOptions,
  contentType: 'text/plain; charset=utf-8',
  fields: [
    ...headerFields(cefHeader),
    ...fieldsOf(cefMapping, cefConnectorMapping, cefPublishedMapping),
    textField(truncatedKey),
  ],
  create: cefFormatter,
};

function cefFormatter(options: z.output<typeof cefOptions>): Formatter {
  const alertLayout = alertLayouts[options.mapping];
  const header = cefHeaderOf(options);

  return (event, maxBytes) => {
    const layout = event.kind === 'connector' ? connectorLayout : alertLayout;
    const cut: string[] = [];
    const head = header(event, cut);
    const fields = layout.quickly(event, cut);
    if (fields !== undefined) {
      const text = head + (cut.length === 0 ? fields : joinFields([fields], ' ', truncatedField(cut)));
      if (fits(text, maxBytes)) return { kind: 'formatted', text, truncated: cut };
    }
    const headCut: string[] = [];
    return carefully(event, layout, header(event, headCut), headCut, maxBytes);
  };
}

/** Writes a record field by field, as one with anything to clean, to cut or to leave out must be. */
function carefully(
  event: SecurityEvent,
  { mapping, prefix }: Layout,
  head: string,
  cut: string[],
  maxBytes: number,
): Formatted {
  const fields = encodeFields(event, mapping, prefix, extensionText, cut);
  const write = (kept: readonly string[], truncated: readonly string[]): string =>
    head + joinFields(kept, ' ', truncatedField(truncated));
  const text = write(fields, cut);
  if (fits(text, maxBytes)) return { kind: 'formatted', text, truncated: cut };
  const record = { event, mapping, prefix, encoding: extensionText, fields, cut, write };
  return shrink(shrinkable(record), maxBytes);
}

function layoutOf(mapping: readonly MappingRow[]): Layout {
  return { mapping, prefix: prefixes(mapping), quickly: quickWriter(mapping, extensionText, ' ') };
}

function truncatedField(names: readonly string[]): string {
  return names.length === 0 ? '' : `${truncatedKey}=${names.join(',')}`;
}

/** Escapes an extension value: backslash, which comes first, equals sign, LF and CR, nothing else (§2.3). */
export function escapeExtension(cleaned: string): string {
  // Looked for first: where there is nothing to replace, a replacement takes V8 several times as long as a search.
  let escaped = cleaned;
  if (escaped.includes('\\')) escaped = escaped.replace(backslashes, '\\\\');
  if (escaped.includes('=')) escaped = escaped.replaceAll('=', '\\=');
  return holdsBreaks(escaped) ? escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r') : escaped;
}
