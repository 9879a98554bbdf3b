import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ocsf } from '../../src/lint/ocsf/ocsf.ts';
import { versions } from '../../src/lint/ocsf/schema.ts';
import { anyText } from '../support/any-text.ts';

const exampleText = readFileSync(new URL('ocsf-example.json', import.meta.url), 'utf8');
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Returns the example of the formats reference, §8.5, with one value replaced; left out where that is undefined. */
function exampleWith(path: string, value: Json | undefined): string {
  const event = JSON.parse(exampleText);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce((found, name) => found[name], event);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return JSON.stringify(event);
}

test.each(versions)('the example of the reference is good in %s', (version) => {
  const text = JSON.stringify(JSON.parse(exampleText)).replaceAll('1.8.0', version);
  expect(ocsf.recognises(text)).toBe(true);
  expect(ocsf.lint(text)).toEqual([]);
});

describe('one thing that is wrong with it is found', () => {
  test.each<readonly [rule: string, path: string, value: Json | undefined, at: string | undefined]>([
    ['a required attribute', 'finding_info', undefined, 'finding_info'],
    ['a required attribute of an object', 'finding_info.uid', undefined, 'finding_info.uid'],
    ['a required attribute of a profile', 'cloud', undefined, 'cloud'],
    ['the time', 'time', undefined, 'time'],
    ['the version', 'metadata.version', undefined, 'metadata.version'],
    ['a version that is none', 'metadata.version', '9.9.9', 'metadata.version'],
    ['an unknown attribute', 'alertId', 'x', 'alertId'],
    ['an unknown attribute of an object', 'device.fqdn', 'x', 'device.fqdn'],
    ['an attribute of a profile that is not declared', 'verdict_id', 2, 'verdict_id'],
    ['a profile that is not declared', 'metadata.profiles', ['cloud', 'host'], 'action_id'],
    [
      'a profile that the class does not have',
      'metadata.profiles',
      ['cloud', 'host', 'security_control', 'odd'],
      'metadata.profiles',
    ],
    ['evidence of Windows without the extension', 'metadata.extensions', undefined, 'evidences[2].reg_value'],
    ['an id out of range', 'severity_id', 7, 'severity_id'],
    ['an id of another type', 'severity_id', '4', 'severity_id'],
    ['a caption of another id', 'severity', 'Low', 'severity'],
    ['a caption in another case', 'status', 'new', 'status'],
    ['a caption of an object', 'device.os.type', 'Linux', 'device.os.type'],
    ['Other without a word', 'evidences.1.verdict', undefined, 'evidences[1].verdict'],
    ['a type that the activity is not', 'type_uid', 200402, 'type_uid'],
    ['a type name that the activity is not', 'type_name', 'Detection Finding: Update', 'type_name'],
    ['another class', 'class_uid', 2001, 'class_uid'],
    ['another category', 'category_uid', 1, 'category_uid'],
    ['another category name', 'category_name', 'System Activity', 'category_name'],
    ['a time in seconds with a fraction', 'time', 1793694370.123, 'time'],
    ['a time as text', 'time', '2026-11-03T08:26:10Z', 'time'],
    ['a time before 1970', 'start_time', -1, 'start_time'],
    ['an address that is none', 'device.ip', 'localhost', 'device.ip'],
    ['a mail address without a dot', 'actor.user.email_addr', 'liz@local', 'actor.user.email_addr'],
    [
      'an attribute of an object of a profile that is not declared',
      'device.namespace_pid',
      1,
      'device.namespace_pid',
    ],
    ['a host name that is none', 'device.hostname', 'liz bean', 'device.hostname'],
    ['a mail address that is none', 'actor.user.email_addr', 'liz', 'actor.user.email_addr'],
    ['a URL that is none', 'finding_info.src_url', 'two words', 'finding_info.src_url'],
    ['a MAC address that is none', 'device.mac', '00:11', 'device.mac'],
    ['a UUID that is none', 'evidences.0.process.cpid', '7316', 'evidences[0].process.cpid'],
    ['a process id as text', 'evidences.0.process.pid', '7316', 'evidences[0].process.pid'],
    ['a flag as text', 'is_alert', 'true', 'is_alert'],
    ['a number as text', 'message', 5, 'message'],
    ['null', 'message', null, 'message'],
    ['an empty text', 'message', ' ', 'message'],
    ['an empty list', 'resources', [], 'resources'],
    ['an empty object', 'remediation', {}, 'remediation'],
    ['an object for a list', 'resources', { name: 'x' }, 'resources'],
    ['a list for an object', 'device', [], 'device'],
    ['a text for an object', 'device', 'liz-bean', 'device'],
    ['none of what an object needs one of', 'resources.0', { type: 'device' }, 'resources[0]'],
    ['evidence that is a name alone', 'evidences.1', { name: 'ip', verdict_id: 0 }, 'evidences[1]'],
    ['an observable that leads nowhere', 'observables.0.name', 'device.fqdn', 'observables[0].name'],
    ['an observable of another value', 'observables.0.value', 'other', 'observables[0].value'],
    ['an observable without a value', 'observables.1.value', undefined, 'observables[1]'],
    ['a port out of range', 'evidences.1.dst_endpoint.port', 65_536, 'evidences[1].dst_endpoint.port'],
  ])('%s', (_rule, path, value, at) => {
    const errors = ocsf.lint(exampleWith(path, value)).filter(({ level }) => level === 'error');
    expect(errors.map((finding) => finding.at)).toContain(at);
  });
});

test('what a version deprecates is told, and no error', () => {
  const text = exampleWith('comment', 'seen').replaceAll('1.8.0', '1.9.0');
  expect(ocsf.lint(text)).toEqual([
    expect.objectContaining({ level: 'warning', at: 'comment', rule: 'OCSF 1.9.0 detection_finding' }),
  ]);
});

test('an attribute that a later version adds is none of the earlier', () => {
  const notes = exampleWith('notes', [{ comment: 'seen' }]);
  expect(ocsf.lint(notes.replaceAll('1.8.0', '1.9.0'))).toEqual([]);
  expect(ocsf.lint(notes).map(({ at }) => at)).toEqual(['notes']);
});

test('a hash is hexadecimal up to 1.7.0, and any text from 1.8.0 on', () => {
  const text = exampleWith('evidences.0.process.file.hashes.0.value', '3:AXGBicFlg:AXGHsNhx');
  expect(ocsf.lint(text).filter(({ at }) => at?.endsWith('hashes[0].value'))).toEqual([]);
  expect(ocsf.lint(text.replaceAll('1.8.0', '1.7.0')).map(({ at }) => at)).toContain(
    'evidences[0].process.file.hashes[0].value',
  );
});

test('ids and profiles that a later version adds are none of the earlier', () => {
  const hash = exampleWith('evidences.0.process.file.hashes.0.algorithm_id', 18).replaceAll('1.8.0', '1.7.0');
  expect(ocsf.lint(hash).map(({ at }) => at)).toContain('evidences[0].process.file.hashes[0].algorithm_id');
  const event = JSON.parse(exampleText);
  event.metadata.profiles.push('record_integrity', 'container');
  const text = JSON.stringify(event);
  expect(ocsf.lint(text).map(({ at }) => at)).toEqual(['metadata.profiles']);
  expect(ocsf.lint(text.replaceAll('1.8.0', '1.9.0'))).toEqual([]);
});

test('a class without a finding is held by its own constraints', () => {
  const metadata = { version: '1.8.0', product: { name: 'x' } };
  const event = {
    ...{ activity_id: 1, category_uid: 4, class_uid: 4001, type_uid: 400101, time: 0, severity_id: 1 },
    metadata,
  };
  expect(ocsf.lint(JSON.stringify(event)).map(({ message }) => message)).toEqual([
    'needs at least one of dst_endpoint, src_endpoint',
  ]);
  const weakness = {
    ...event,
    category_uid: 2,
    class_uid: 2002,
    type_uid: 200201,
    finding_info: { uid: 'f' },
  };
  const both = { cve: { uid: 'CVE-2026-12345' }, cwe: { uid: 'CWE-1' } };
  expect(ocsf.lint(JSON.stringify({ ...weakness, vulnerabilities: [both] })).map(({ at }) => at)).toEqual([
    'vulnerabilities[0]',
  ]);
  const registry = {
    ...{ activity_id: 2, category_uid: 1, class_uid: 201002, type_uid: 20100202, time: 0, severity_id: 1 },
    ...{ metadata, device: { type_id: 0, uid: 'd' }, actor: { user: { name: 'u' } } },
    reg_value: { name: 'n', path: 'p' },
  };
  expect(ocsf.lint(JSON.stringify(registry)).map(({ at }) => at)).toEqual(['metadata.extensions']);
});

test('texts of RFC 3339 stand beside times with the profile datetime alone', () => {
  const event = JSON.parse(exampleWith('time_dt', '2026-11-03T08:26:10Z'));
  expect(ocsf.lint(JSON.stringify(event)).map(({ at }) => at)).toEqual(['time_dt']);
  event.metadata.profiles.push('datetime');
  expect(ocsf.lint(JSON.stringify(event))).toEqual([]);
});

test('other JSON is not taken for an event', () => {
  expect(ocsf.recognises('{"category_uid":2}')).toBe(false);
  expect(ocsf.recognises('[{"class_uid":2004}]')).toBe(false);
  expect(ocsf.recognises('CEF:0|a')).toBe(false);
});

test('nothing makes the reader throw', () => {
  const deep = `${'{"process":{"parent_process":'.repeat(20_000)}1${'}}'.repeat(20_000)}`;
  const nested = exampleWith('evidences.0.process', {}).replace('"process":{}', `"process":${deep}`);
  expect(ocsf.lint(nested).length).toBeGreaterThan(0);
  fc.assert(
    fc.property(
      fc.constantFrom('metadata', 'device', 'evidences', 'observables', 'time'),
      fc.jsonValue(),
      (at, value) => {
        ocsf.lint(exampleWith(at, value as Json));
      },
    ),
    { numRuns: 100 },
  );
  fc.assert(
    fc.property(anyText, (text) => {
      ocsf.lint(text);
    }),
    { numRuns: 50 },
  );
});
