import { recordIdentity, type SecurityEvent } from '../../event.ts';
import { epochMsText } from '../time-text.ts';
import type { EventDraft } from './event-draft.ts';
import { member, objectOf, text, texts } from './json.ts';

const vendor = 'Microsoft';
/** The schema counts the size of an event in these, other than that of a single attribute. */
const kilobyte = 1024;

/** What an event that is too long tells of itself. */
export interface Truncation {
  /** Bytes of the whole event. */
  readonly untruncated: number;
}

/** When the state that is told was made, else the latest time that the record tells, else when it was taken; 1970 where nobody knows. */
export function timeOf(event: SecurityEvent): string {
  for (const time of [
    event.updated,
    event.created,
    event.lastActivity,
    event.firstActivity,
    event.resolved,
    event.observed,
  ]) {
    const ms = epochMsText(time);
    if (ms !== undefined) return ms;
  }
  return '0';
}

/**
 * 1, 3, 12–14, 18, 26, 31: what an event says of itself. Written last, since it names the profiles and extensions that
 * the rest needs. `uid` is identity and version: a repeat has the same, another state of the record has not.
 */
export function metadataObject(draft: EventDraft, truncation: Truncation | undefined): string {
  const { event, version, profiles, windows } = draft;
  return objectOf(
    'version',
    `"${version}"`,
    member('uid', text(`${recordIdentity(event)}@${event.version}`)) +
      member('original_event_uid', text(event.id)) +
      member('product', productObject(event)) +
      member('profiles', texts(profiles.toSorted())) +
      (windows ? `,"extensions":[{"name":"win","uid":"2","version":"${version}"}]` : '') +
      member('event_code', text(event.detectorId)) +
      member('correlation_uid', text(event.incidentId)) +
      member('tenant_uid', text(event.tenantId)) +
      member('log_name', text(event.table ?? event.kind)) +
      member('original_time', text(event.updated)) +
      member('modified_time', epochMsText(event.updated) ?? '') +
      (truncation === undefined
        ? ''
        : `,"is_truncated":true,"untruncated_size":${Math.ceil(truncation.untruncated / kilobyte)}`),
  );
}

/** 12, 13: the product; its vendor is Microsoft but of the connector's own events, which are of no feature. */
export function productObject(event: SecurityEvent): string {
  const { connector, product, serviceSource, detectionSource } = event;
  const name = text(product) || `"${vendor}"`;
  if (connector !== undefined) {
    return objectOf(
      'name',
      name,
      member('vendor_name', name) + member('version', text(connector.connectorVersion)),
    );
  }
  return objectOf(
    'name',
    name,
    member('vendor_name', `"${vendor}"`) +
      member('uid', text(serviceSource)) +
      member('feature', objectOf('name', text(detectionSource ?? serviceSource))),
  );
}
