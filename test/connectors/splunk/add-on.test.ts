import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { addOnFiles, addOnName, addOnPackage } from '../../../connectors/splunk/add-on.ts';
import { type TarEntry, tar } from '../../../connectors/splunk/tar.ts';
import { addOnTexts } from '../../support/splunk/add-on.ts';
import { readConf, setting } from '../../support/splunk/conf-file.ts';
import { lintAddOn, rules } from '../../support/splunk/lint/index.ts';
import { readTarGz } from '../../support/splunk/tar-reader.ts';

const files = addOnFiles();
const folder: TarEntry = { path: `${addOnName}/`, bytes: Buffer.alloc(0) };

/** What to do to the files, by path below the folder: a new text, or undefined to take the file away. */
type Change = (text: string) => string | undefined;

function broken(path: string, change: Change): Buffer {
  const whole = `${addOnName}/${path}`;
  const before = files.find((file) => file.path === whole);
  const after = change(before?.bytes.toString('latin1') ?? '');
  const others = files.filter((file) => file !== before);
  const changed = after === undefined ? [] : [{ path: whole, bytes: Buffer.from(after, 'latin1') }];
  return gzipSync(tar([folder, ...[...others, ...changed].sort((a, b) => (a.path < b.path ? -1 : 1))]), {
    level: 0,
  });
}

const replaced = (from: string, to: string) => (text: string) => {
  if (!text.includes(from)) throw new Error(`'${from}' is not there to be broken`);
  return text.replace(from, to);
};
const added = (more: string) => (text: string) => `${text}${more}`;

test("the package keeps Splunk's rules for add-ons", () => {
  expect(lintAddOn(addOnPackage())).toEqual([]);
});

test('the package is the same bytes each time, and holds what the folder holds', () => {
  const packed = addOnPackage();
  expect(addOnPackage().equals(packed)).toBe(true);
  const read = readTarGz(packed).filter(({ type }) => type === 'file');
  expect(read.map(({ path, bytes }) => [path, bytes.toString('latin1')])).toEqual(
    files.map(({ path, bytes }) => [path, bytes.toString('latin1')]),
  );
});

test('the add-on has the version of the program', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const app = readConf(addOnTexts.get('default/app.conf') ?? '');
  expect(setting(app, 'launcher', 'version')).toBe(version);
});

const props = 'default/props.conf';
const searches = 'default/savedsearches.conf';
const health = 'default/data/ui/views/defender_siem_health.xml';

/** An add-on that breaks each rule: which file, how, and what the finding begins with. */
const breaches: readonly (readonly [rule: string, path: string, change: Change, finding: string])[] = [
  ['hidden files', 'default/.props.conf.swp', added('x'), 'default/.props.conf.swp'],
  ['file names', 'default/a b.conf', added('# x\n'), 'default/a b.conf'],
  ['file types', 'static/pack.ts', added('x'), 'static/pack.ts'],
  ['places', 'bin/run.conf', added('x'), 'bin/run.conf'],
  ['nothing local', 'local/props.conf', added('x'), 'local/props.conf'],
  ['nothing of the instance', 'default/indexes.conf', added('[defender]\n'), 'default/indexes.conf'],
  ['nothing of the instance', 'default/inputs.conf', added('[http]\n'), 'default/inputs.conf'],
  ['size', 'README.md', added('x'.repeat(5_000_000)), '5'],
  ['readme', 'README.md', () => undefined, 'README.md says nothing'],
  ['icons', 'static/appIcon.png', () => undefined, 'static/appIcon.png is missing'],
  ['icons', 'static/appIcon_2x.png', replaced('\0\0\0\x48', '\0\0\0\x47'), 'static/appIcon_2x.png is 71×72'],
  ['secrets', 'default/app.conf', added('password = changeme\n'), 'default/app.conf: password'],
  ['id', 'default/app.conf', replaced('id = TA-', 'id = ta-'), 'the id ta-defender-siem'],
  ['version', 'default/app.conf', replaced('version = 0.1.0', 'version = latest'), "the version 'latest'"],
  [
    'app.conf',
    'default/app.conf',
    replaced('check_for_updates = false\n', ''),
    '[package] check_for_updates',
  ],
  ['app.conf', 'default/app.conf', replaced('is_visible = true', 'is_visible = yes'), '[ui] is_visible'],
  ['label', 'default/app.conf', replaced('label = Microsoft', 'label = Splunk App for Microsoft'), "'Splunk"],
  ['well written', props, added('\nnonsense\n'), `${props}: line`],
  ['well written', props, added('\n[ms365:defender:entity]\n'), `${props}: line`],
  ['well written', 'default/macros.conf', added('\r\n'), 'default/macros.conf has a BOM'],
  ['metadata', 'metadata/default.meta', () => undefined, '[] says not'],
  [
    'metadata',
    'metadata/default.meta',
    replaced('[eventtypes]\nexport = system', '[eventtypes]'),
    '[eventtypes] is not',
  ],
  ['metadata', 'metadata/default.meta', replaced('export = none', 'export = system'), '[] exports'],
  [
    'props settings',
    props,
    replaced('KV_MODE = json', 'KV_MODE = jason'),
    '[ms365:defender:incident:alerts] KV',
  ],
  [
    'props settings',
    props,
    replaced('TRUNCATE = 1', 'TRUNCATION = 1'),
    '[ms365:defender:incident:alerts] TRUNC',
  ],
  ['props expressions', props, replaced('EVAL-type = "alert"', 'EVAL-type = "alert'), '[source::'],
  ['props expressions', props, replaced('= lower(', '= lowercase('), '[source::'],
  ['props expressions', props, replaced('"(?i)^(?:', '"(?i)^(?:('), '[source::'],
  [
    'props references',
    props,
    replaced('defender_siem_cef_header,', 'defender_siem_cef_head,'),
    '[defender-siem:cef]',
  ],
  ['props references', props, replaced('OUTPUT severity_id', 'OUTPUT severity_number'), '[source::'],
  [
    'props names',
    props,
    replaced('REPORT-defender_siem_cef', 'REPORT-cef'),
    '[defender-siem:cef] REPORT-cef',
  ],
  [
    'shared source types',
    props,
    replaced('KV_MODE = json', 'EVAL-dest = host'),
    '[ms365:defender:incident:alerts]',
  ],
  [
    'transforms',
    'default/transforms.conf',
    replaced('(\\w+)=', '(\\w+=('),
    '[defender_siem_cef_extension] REGEX',
  ],
  [
    'transforms',
    'default/transforms.conf',
    replaced('([^\\\\=]*(?:\\\\.[^\\\\=]*)*)', '((?:\\\\.|[^\\\\=])*)'),
    '[defender_siem_cef_extension] REGEX: long values',
  ],
  ['transforms', 'default/transforms.conf', replaced('::$8', '::$9'), '[defender_siem_cef_header] FORMAT'],
  ['transforms', 'lookups/defender_siem_table.csv', () => undefined, '[defender_siem_table]: lookups/'],
  ['lookup files', 'lookups/other.csv', added('a,b\n1,2\n'), 'lookups/other.csv is named by no'],
  [
    'lookup files',
    'lookups/defender_siem_action.csv',
    added('a,b,c\n'),
    'lookups/defender_siem_action.csv: not',
  ],
  ['eventtypes', 'default/eventtypes.conf', replaced(' OR (', ' OR ('.repeat(2)), '[defender_siem_alert]'],
  [
    'eventtypes',
    'default/eventtypes.conf',
    replaced('ms:defender:atp:alerts', 'ms:atp'),
    '[defender_siem_alert]: props',
  ],
  [
    'tags',
    'default/tags.conf',
    replaced('eventtype=defender_siem_alert', 'eventtype=alert'),
    '[eventtype=alert]',
  ],
  [
    'indexed fields',
    'default/fields.conf',
    added('\n[event_id]\nINDEXED = true\n'),
    '[event_id] holds for every',
  ],
  ['searches off', searches, replaced('disabled = 1', 'disabled = 0'), '[Defender SIEM'],
  ['no defaults for others', searches, added('\n[default]\ndisabled = 0\n'), 'savedsearches.conf has'],
  ['search bounds', searches, replaced('dispatch.earliest_time = -24h@m\n', ''), '[Defender SIEM'],
  ['search schedule', searches, replaced('*/5 * * * *', '* * * * *'), '[Defender SIEM'],
  [
    'search description',
    searches,
    replaced('description = An alert', 'descriptor = An alert'),
    '[Defender SIEM - High',
  ],
  ['search actions', searches, replaced('alert.track = 1', 'action.email = 1'), '[Defender SIEM'],
  [
    'saved searches',
    searches,
    replaced('| where silent', '| were silent'),
    '[Defender SIEM - Heartbeat missing] the command',
  ],
  [
    'saved searches',
    searches,
    replaced('fields - count ]', 'fields - count '),
    '[Defender SIEM - Heartbeat missing] a ]',
  ],
  [
    'saved searches',
    searches,
    replaced('`defender_siem_heartbeat_seconds`', '`heartbeat_seconds`'),
    '[Defender SIEM - Heartbeat missing] the macro',
  ],
  [
    'saved searches',
    searches,
    replaced('latest(lag_seconds)', 'latest(lagSeconds)'),
    '[Defender SIEM - Source behind] stats: nothing',
  ],
  ['saved searches', searches, replaced('strftime(_time,', 'strftime('), '[Defender SIEM'],
  ['suppression', searches, replaced('fields = id', 'fields = alert_id'), '[Defender SIEM'],
  [
    'navigation',
    'default/data/ui/nav/default.xml',
    replaced('defender_siem_alerts', 'other'),
    'there is no view other',
  ],
  ['dashboards', health, replaced('<single>', '<singel>'), health],
  ['dashboards', health, replaced('<panel>', '<panel kind="x">'), health],
  ['dashboard searches', health, replaced('$tenant$', '$tenants$'), `${health}: no input sets $tenants$`],
  [
    'dashboard searches',
    health,
    replaced('BY connector_tenant', 'BY tenants'),
    `${health}: stats: nothing makes`,
  ],
];

describe('an add-on that breaks a rule is told so', () => {
  test.each(breaches)('%s: %s', (rule, path, change, finding) => {
    const kept = rules.filter(({ name }) => name === rule);
    const findings = lintAddOn(broken(path, change), kept);
    expect(findings).toContainEqual(expect.stringContaining(`${rule}: ${finding}`));
  });
  test('by how its archive is written', () => {
    const other = gzipSync(tar([{ path: 'a/', bytes: Buffer.alloc(0) }, ...files]));
    expect(lintAddOn(other).some((finding) => finding.startsWith('one folder: '))).toBe(true);
    const backwards = gzipSync(tar([folder, ...files.toReversed()]));
    expect(lintAddOn(backwards).some((finding) => finding.startsWith('same bytes each time: '))).toBe(true);
    const open = tar([folder, ...files]);
    // Mode 0777 and owner 1, with the checksum put right.
    open.write('0000777', 100);
    open.write('0000001', 108);
    const sum = open
      .subarray(0, 512)
      .reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
    open.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const findings = lintAddOn(gzipSync(open));
    expect(findings.filter((finding) => finding.startsWith('modes: '))).toHaveLength(1);
    expect(findings.filter((finding) => finding.startsWith('owner: '))).toHaveLength(1);
  });
  test('every rule is broken by one of these', () => {
    const shown = [...breaches.map(([rule]) => rule), 'one folder', 'same bytes each time', 'modes', 'owner'];
    expect(rules.map(({ name }) => name).filter((name) => !shown.includes(name))).toEqual([]);
  });
});
