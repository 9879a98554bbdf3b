import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cef } from '../../../src/formats/cef/cef.ts';
import { keyOfFullName, producerKeys } from '../../../src/lint/cef/dictionary.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { fixtures } from '../../normalise/fixtures.ts';
import { parseCef } from '../../support/cef-parser.ts';
import { plainCsv } from '../../support/csv.ts';
import { connectorClassIds, defenderCategories } from '../../support/event-vocabulary.ts';
import { fullEvent } from '../../support/events.ts';

const folder = new URL('../../../connectors/arcsight/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const readme = read('README.md');
const product = 'Microsoft Defender ATP';
const published = cef.create(cef.options.parse({ product, version: '2.0', mapping: 'published' }));

function extensionOf(json: string, kind: 'detection' | 'graph-alert' = 'detection') {
  const formatted = published(normalise(recordOf(kind, json), {}), Number.POSITIVE_INFINITY);
  if (formatted.kind === 'oversize') throw new Error(formatted.reason);
  return parseCef(formatted.text);
}

/** The mapping that Microsoft published: field of the detection, its value here, and the key that must carry it. */
const detection = {
  cat: ['Category', 'Malware'],
  sourceServiceName: ['Source', 'Antivirus'],
  shost: ['MachineName', 'desktop-4a5ngd6'],
  fname: ['FileName', 'Robocopy.exe'],
  filePath: ['FilePath', 'C:\\Windows\\System32\\Robocopy.exe'],
  sntdom: ['UserDomain', 'CONTOSO'],
  suser: ['UserName', 'liz.bean'],
  fileHash: ['Sha1', '3da065e07b990034e9db7842167f70b63aa53290'],
  cs6: ['Sha256', 'ebf54f745dc81e1958f75e4ca91dd0ab989fc9787bb6b0bf993e2f5ab01c2d3e'],
  cs5: ['Md5', 'db979c04a99b96d370988325bb5a8b21'],
  cs1: ['ThreatName', 'HackTool:Win32/Mikatz!dha'],
  src: ['IpAddress', '218.90.204.141'],
  request: ['Url', 'down.esales360.cn'],
  externalId: ['AlertId', '636210704265059241_673569822'],
  flexString1: ['LinkToWDATP', 'https://securitycenter.windows.com/alert/636210704265059241_673569822'],
  sourceDnsDomain: ['MachineDomain', 'contoso.com'],
  cs4: ['Actor', 'BORON'],
  suid: ['LogOnUsers', 'contoso\\liz-bean; contoso\\jay-hardee'],
} as const;

test('the published mapping is kept slot by slot', () => {
  const record = {
    AlertTitle: "Microsoft Defender AV detected 'Mikatz' high-severity malware",
    Severity: 'High',
    AlertTime: '2017-05-07T01:56:59.3191352Z',
    LastProcessedTimeUtc: '2017-05-07T01:56:58.9936648Z',
    ComputerDnsName: 'desktop-4a5ngd6.contoso.com',
    RemediationIsSuccess: true,
    WasExecutingWhileDetected: false,
    ...Object.fromEntries(Object.values(detection)),
  };
  const { header, extension } = extensionOf(JSON.stringify(record));
  expect(header).toMatchObject({ vendor: 'Microsoft', product, version: '2.0', severity: 8 });
  expect(header.name).toBe(record.AlertTitle);
  for (const [key, [field, value]] of Object.entries(detection))
    expect([field, extension.get(key)]).toEqual([field, value]);
  expect(extension.get('cn2')).toBe('1');
  expect(extension.get('cn1')).toBe('0');
  expect(extension.get('rt')).toBe(String(Date.parse('2017-05-07T01:56:59.319Z')));
  expect(extension.get('MSDefenderVersion')).toBe('2017-05-07T01:56:58.9936648Z');
});

test('what the published mapping has no slot for is told beside it, and nothing of an event is lost by it', () => {
  const own = cef.create(cef.options.parse({}));
  const [ours, theirs] = [own, published].map((format) => {
    const formatted = format(fullEvent, Number.POSITIVE_INFINITY);
    if (formatted.kind === 'oversize') throw new Error(formatted.reason);
    return parseCef(formatted.text).extension;
  });
  expect(theirs?.get('MSDefenderUserSid')).toBe(ours?.get('suid'));
  expect(theirs?.get('suid')).toBe('CONTOSO\\liz.bean; CONTOSO\\admin');
  const gone = [...(ours?.keys() ?? [])].filter((key) => theirs?.has(key) !== true);
  expect(gone).toEqual(['MSDefenderLogonUsers']);
});

test('the table of the README has every key with its ArcSight field and label, and no other', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` \| (`\w+`|additional data) \| ([^|]*) \| [^|]+ \|$/gm)];
  const table = rows.map(([, key = '', field = '', label = '']) => [key, field, label.trim()]);
  const nameOf = new Map([...keyOfFullName].map(([name, key]) => [key, name]));
  const fields = cef.fields.filter(({ type }) => type !== 'header');
  expect(table).toEqual(
    fields.map(({ name, label }) => [
      name,
      producerKeys.has(name) ? `\`${nameOf.get(name) ?? name}\`` : 'additional data',
      label ?? '',
    ]),
  );
});

/** ArcSight's categories, as far as they are used here (ESM: Categories). */
const taxonomy: Readonly<Record<string, readonly string[]>> = {
  categoryObject: [
    '/Actor/User',
    '/Host',
    '/Host/Application',
    '/Host/Application/Service',
    '/Host/Infection',
    '/Host/Operating System',
    '/Host/Resource',
    '/Host/Resource/File',
  ],
  categoryBehavior: [
    '/Access',
    '/Access/Start',
    '/Authentication',
    '/Authentication/Verify',
    '/Authorization',
    '/Communicate',
    '/Communicate/Query',
    '/Create',
    '/Execute/Response',
    '/Execute/Start',
    '/Found',
    '/Found/Exhausted',
    '/Found/Misconfigured',
    '/Modify/Configuration',
    '/Modify/Content',
  ],
  categoryTechnique: [
    '',
    '/Brute Force/Login',
    '/Code',
    '/Code/Application Command',
    '/Code/Shell Command',
    '/Covert Channel',
    '/DoS',
    '/Exploit/Privilege Escalation',
    '/Exploit/Vulnerability',
    '/Exploit/Weak Configuration',
    '/Information Leak',
    '/Policy/Breach',
    '/Scan',
    '/Scan/Service',
    '/Traffic Anomaly',
  ],
  categoryDeviceGroup: ['/IDS/Host', '/Security Information Manager'],
  categorySignificance: [
    '/Compromise',
    '/Hostile',
    '/Informational/Error',
    '/Informational/Warning',
    '/Normal',
    '/Recon',
    '/Suspicious',
  ],
  categoryOutcome: ['/Attempt', '/Failure', '/Success'],
};

const categories = [...defenderCategories, 'None', 'Incident', 'Test'];

test.each([
  ['microsoft/microsoft_defender_atp.csv', 'event.deviceEventCategory', categories],
  ['defender_siem/defender_siem.csv', 'event.deviceEventClassId', connectorClassIds],
])('%s categorises every kind of event in ArcSight’s words', (file, getter, kinds) => {
  const rows = plainCsv(read(`categorizer/${file}`));
  const setters = Object.keys(taxonomy).map((field) => `set.event.${field}`);
  expect(Object.keys(rows[0] ?? {}).toSorted()).toEqual([getter, ...setters].toSorted());
  expect(rows.map((row) => row[getter])).toEqual(kinds);
  for (const row of rows) {
    for (const [field, words] of Object.entries(taxonomy)) expect(words).toContain(row[`set.event.${field}`]);
  }
});

test('the categorisation of alerts knows every category that alerts of the fixtures have', () => {
  const rows = plainCsv(read('categorizer/microsoft/microsoft_defender_atp.csv'));
  const known = new Set(rows.map((row) => row['event.deviceEventCategory']));
  for (const { name, kind, json } of fixtures) {
    if (kind === 'hunting-event' || kind === 'entity' || kind === 'device') continue;
    const { category } = normalise(recordOf(kind, json), {});
    if (category !== undefined) expect(known.has(category), `${name}: ${category}`).toBe(true);
  }
});

test('the files of the categoriser are named after vendor and product, as a SmartConnector looks for them', () => {
  const normalised = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');
  expect(normalised(product)).toBe('microsoft_defender_atp');
  expect(normalised('defender-siem')).toBe('defender_siem');
});
