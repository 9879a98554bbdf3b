import type { EventDraft } from './event-draft.ts';
import { list, member, objectOf, text } from './json.ts';

/** Returns what the first `most` alerts of an incident found; empty where the record brings none. */
export function incidentAlerts(draft: EventDraft, most: number): string {
  return list(writtenAlerts(draft).slice(0, most));
}

/** Returns what each alert found, read once. */
function writtenAlerts(draft: EventDraft): readonly string[] {
  const { written, event } = draft;
  written.alerts ??= alertsOf(event.json)
    .map((alert) => alertInfo(draft, alert))
    .filter((alert) => alert !== '');
  return written.alerts;
}

function alertInfo(draft: EventDraft, alert: Readonly<Record<string, unknown>>): string {
  const word = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = alert[name];
      if (typeof value === 'string' && text(value) !== '') return value;
    }
    return undefined;
  };
  const uid = text(word('alertId', 'id'));
  if (uid === '') return '';
  const path = 'finding_info_list';
  return objectOf(
    'uid',
    uid,
    member('uid_alt', text(word('providerAlertId'))) +
      member('title', text(word('title'))) +
      member('desc', text(word('description'))) +
      member('types', list([text(word('category'))])) +
      member('created_time', draft.time(path, 'created_time', word('createdDateTime', 'creationTime'))) +
      member(
        'modified_time',
        draft.time(path, 'modified_time', word('lastUpdateDateTime', 'lastUpdatedTime')),
      ) +
      member(
        'first_seen_time',
        draft.time(path, 'first_seen_time', word('firstActivityDateTime', 'firstActivity')),
      ) +
      member(
        'last_seen_time',
        draft.time(path, 'last_seen_time', word('lastActivityDateTime', 'lastActivity')),
      ) +
      member('src_url', draft.url(path, 'src_url', word('alertWebUrl'))) +
      member('data_sources', list([text(word('detectionSource', 'serviceSource'))])),
  );
}

/** The alerts in an incident's record: none where it has no list of them, or is no JSON. */
function alertsOf(json: string): readonly Readonly<Record<string, unknown>>[] {
  if (!json.includes('"alerts"')) return [];
  try {
    const record: unknown = JSON.parse(json);
    if (!isObject(record) || !Array.isArray(record.alerts)) return [];
    return record.alerts.filter(isObject);
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
