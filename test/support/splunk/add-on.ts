import { addOnFiles, addOnName, addOnPackage } from '../../../connectors/splunk/add-on.ts';
import { hecEnvelope } from '../../../connectors/splunk/event.ts';
import type { SecurityEvent } from '../../../src/event.ts';
import { PackedAddOn } from './lint/rule.ts';
import type { AddOnTexts, IndexedRecord } from './search-time.ts';
import { readTarGz } from './tar-reader.ts';

/** The add-on's files as text by their path below its folder; pictures are left out. */
export const addOnTexts: AddOnTexts = new Map(
  addOnFiles()
    .filter(({ path }) => !path.endsWith('.png'))
    .map(({ path, bytes }) => [path.slice(addOnName.length + 1), bytes.toString()]),
);

/** Returns an event as HEC indexes what the sink sends of it. */
export function indexedByHec(event: SecurityEvent): IndexedRecord {
  const metadata = { sourcetype: undefined, source: undefined, index: undefined, host: undefined };
  const { before, behind } = hecEnvelope({ ...metadata, fallbackHost: 'connector' });
  const line = before(event) + event.json + behind(event);
  const { source, sourcetype, host, fields } = JSON.parse(line) as IndexedRecord;
  return { raw: event.json, source, sourcetype, host, fields };
}

/** Returns an event as SC4S hands on a line of CEF. */
export function indexedBySyslog(cef: string): IndexedRecord {
  return { raw: cef, source: 'sc4s', sourcetype: 'defender-siem:cef', host: 'relay', fields: {} };
}

/** Returns the add-on as its package holds it. */
export function packedAddOn(): PackedAddOn {
  return new PackedAddOn(readTarGz(addOnPackage()));
}
