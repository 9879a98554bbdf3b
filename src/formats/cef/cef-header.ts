import { connectorVendor } from '../../connector-facts.ts';
import type { SecurityEvent, Severity } from '../../event.ts';
import { cleanLine, plainTest } from '../clean.ts';
import { encodeText, type TextEncoding } from '../key-value.ts';
import { recently } from '../recent.ts';
import { cefSeverity } from '../severity.ts';

// Lengths of the header's fields in code points (formats reference §2.1).
const classIdCharacters = 1023;
const nameCharacters = 512;
/** Of the vendor. */
export const vendorCharacters = 63;
/** Of the product. */
export const productCharacters = 63;
/** Of the product's version. */
export const versionCharacters = 31;

/** What of the header the configuration tells. */
export interface CefHeaderOptions {
  readonly vendor: string;
  /** For every record of Microsoft's; undefined for the product that raised the alert. */
  readonly product?: string | undefined;
  readonly version: string;
  /** Numbers in place of the usual ones. */
  readonly severity: { readonly [severity in Severity]?: number | undefined };
}

const headerText: TextEncoding = {
  isPlain: plainTest('\\|'),
  isClean: plainTest(''),
  clean: (value) => cleanLine(value),
  escape: escapeHeader,
};

/** Returns a function that writes the header of an event, its last pipe included; names of fields that are cut join `cut`. */
export function cefHeaderOf(options: CefHeaderOptions): (event: SecurityEvent, cut: string[]) => string {
  const vendor = encodeText(options.vendor, vendorCharacters, headerText, '', []) || 'Microsoft';
  const version = encodeText(options.version, versionCharacters, headerText, '', []) || '1.0';
  const product = headerField('deviceProduct', productCharacters, 'Microsoft Defender', `|${version}|`);
  const classId = headerField('deviceEventClassId', classIdCharacters, 'Unknown', '|');
  const name = headerField('name', nameCharacters, 'Untitled alert', '|');
  const severity = (word: Severity): string => `${options.severity[word] ?? cefSeverity[word]}|`;
  const severities: Readonly<Record<Severity, string>> = {
    unknown: severity('unknown'),
    informational: severity('informational'),
    low: severity('low'),
    medium: severity('medium'),
    high: severity('high'),
    critical: severity('critical'),
  };
  const alertStart = `CEF:0|${vendor}|`;
  const ownStart = `CEF:0|${connectorVendor}|`;
  return (event, cut) => {
    const own = event.kind === 'connector';
    return (
      (own ? ownStart : alertStart) +
      product(own ? event.product : (options.product ?? event.product), cut) +
      classId(event.detectorId ?? event.category, cut) +
      name(event.title, cut) +
      severities[event.severity]
    );
  };
}

/** Returns a function that writes a field of the header and what ends it. */
function headerField(
  field: string,
  max: number,
  fallback: string,
  end: string,
): (value: string | undefined, cut: string[]) => string {
  const write = (value: string, cut: string[]): string =>
    (encodeText(value, max, headerText, field, cut) || fallback) + end;
  // Products, detectors and titles are few.
  const recent = recently((value) => write(value, []));
  return (value = '', cut) => (value.length > max ? write(value, cut) : recent(value));
}

/** Escapes a header field: backslash, which comes first, and pipe, nothing else (formats reference §2.3). */
export function escapeHeader(cleaned: string): string {
  return cleaned.replaceAll('\\', '\\\\').replaceAll('|', '\\|');
}
