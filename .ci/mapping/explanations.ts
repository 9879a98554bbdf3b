const truncated = 'names what was left out or cut, where a record is longer than its sink takes';
const changes = 'what a later state of an alert or incident changed against the one delivered before';
const matched = 'the custom indicator that a detection matched, where its value is one';
const option = 'the whole record, where the option asks for it';

/** What fields are that no source fills in a record of its own, by format and name. */
const explanations: readonly (readonly [format: string, name: RegExp, text: string])[] = [
  ['cef', /^MSDefenderTruncated$/, truncated],
  ['cef', /^MSDefenderChanges$/, changes],
  ['cef', /^MSDefenderIncidentId$/, 'as `cn3`, where the id is no number that `cn3` can hold'],
  ['cef', /^MSDefenderProcessId$/, 'as `dpid`, where the number is larger than `dpid` can hold'],
  ['cef', /^MSDefenderParentProcessId$/, 'as `spid`, where the number is larger than `spid` can hold'],
  ['cef', /^MSDefenderFileSize$/, 'as `fsize`, where the number is larger than `fsize` can hold'],
  [
    'cef',
    /^DefenderSiemEventId$/,
    'of the connector’s own event: its id, where it is longer than `externalId` takes',
  ],
  [
    'cef',
    /^MSDefenderUserSid$/,
    'with `mapping: published` alone, where `suid` holds the users who are logged on: the SID',
  ],
  ['leef', /^truncated$/, truncated],
  ['leef', /^changes$/, changes],
  ['asim', /^Truncated$/, truncated],
  ['asim', /^Changes$/, changes],
  [
    'asim',
    /^RegistryValueType$/,
    'the type of a registry value, where its word is one that the schema knows',
  ],
  ['ecs', /^microsoft_defender\.alert\.truncated/, truncated],
  ['ecs', /^microsoft_defender\.alert\.changes\./, changes],
  ['ecs', /^threat\.indicator\./, matched],
  ['ecs', /^event\.original$/, option],
  ['ocsf', /^metadata\.(?:is_truncated|untruncated_size)$/, 'that a record is longer than its sink takes'],
  ['ocsf', /^raw_data$/, option],
  ['ocsf', /^unmapped\.changes$/, changes],
  ['ocsf', /^unmapped\.severity$/, 'the word of the source, where the caption says something else'],
  ['ocsf', /^unmapped\.(?:recordId|alertWebUrl)$/, 'of what is no finding'],
  ['ocsf', /^notes\[\]\./, 'as `comment`, in version 1.9.0: all of them'],
  ['ocsf', /\.signature\./, 'as `signatures[]`, in version 1.7.0'],
  ['ocsf', /\.signatures\[\]\.|\.company_name$/, 'who signed or published the file, where the row tells it'],
  ['ocsf', /^finding_info_list\[\]\./, 'about the incident itself, where it comes without its alerts'],
  ['ocsf', /process\.uid$/, 'as `pid`, where no number is told: the record that tells of the process'],
  ['ocsf', /^application\./, 'as `app`, in version 1.9.0'],
  ['ocsf', /dst_endpoint\.name$/, 'as `hostname`, where it is no name of a host'],
  ['ocsf', /^dst_endpoint\.location\.country$/, 'the country of the far end, where the row tells it'],
  ['ocsf', /^reg_key\.path$/, 'as `reg_value.path`, of a row that names no value'],
  ['ocsf', /user\.groups\[\]\./, 'a group that is told beside its user'],
  ['ocsf', /^process\.user\.display_name$/, 'the display name of the user'],
  ['ocsf', /^service\.uid$/, 'the id of the application that somebody signed in to'],
  ['ocsf', /^email\.urls\[\]\.url_string$/, 'a URL that the row tells beside the mail'],
];

/** Returns why no source fills a field; undefined where nothing is known of it. */
export function explanationOf(format: string, field: string): string | undefined {
  return explanations.find(([of, name]) => of === format && name.test(field))?.[2];
}

/** Returns the explanations of a format that explain none of the fields: they can go. */
export function idleExplanations(format: string, fields: readonly string[]): readonly string[] {
  return explanations
    .filter(([of, name]) => of === format && !fields.some((field) => name.test(field)))
    .map(([, name]) => `${format}: ${String(name)} explains no field`);
}
