import { expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import * as values from '../../src/formats/ecs/ecs-values.ts';
import { anEvent } from '../support/event.ts';
import { fullEvent } from '../support/events.ts';

test.each([
  ['Windows11', 'windows'],
  ['WindowsServer2019', 'windows'],
  ['macOS', 'macos'],
  ['iOS', 'ios'],
  ['Android', 'android'],
  ['Ubuntu', 'linux'],
  ['RedHatEnterpriseLinux', 'linux'],
  ['Other', undefined],
])('operating system %s is of type %s', (os, type) => {
  const device = { ...fullEvent.device, os } as SecurityEvent['device'];
  expect(values.osType(anEvent({ device }))).toBe(type);
});

test.each([
  ['https://user:secret@Example.com:8443/a/b?c=d#e', ['https', 'example.com', '8443', '/a/b', 'c=d']],
  ['http://[2001:db8::1]/x', ['http', '[2001:db8::1]', undefined, '/x', undefined]],
  ['ftp://host', ['ftp', 'host', undefined, '', undefined]],
  ['example.com/a', [undefined, undefined, undefined, undefined, undefined]],
])('parts of %s', (url, parts) => {
  const event = anEvent({ url });
  const names = ['scheme', 'domain', 'port', 'path', 'query'] as const;
  expect(names.map((name) => values.urlPart(event, name))).toEqual(parts);
});

test.each([
  ['HKEY_LOCAL_MACHINE', 'SOFTWARE\\a', 'HKLM', 'SOFTWARE\\a'],
  ['HKEY_LOCAL_MACHINE', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\a', 'HKLM', 'SOFTWARE\\a'],
  ['HKEY_LOCAL_MACHINE_ELSE', 'HKEY_LOCAL_MACHINE\\a', 'HKEY_LOCAL_MACHINE_ELSE', 'HKEY_LOCAL_MACHINE\\a'],
  [undefined, 'SOFTWARE\\a', undefined, 'SOFTWARE\\a'],
])('registry key of %s and %s', (hive, key, shortHive, bareKey) => {
  const registry = { hive, key, valueName: 'v', value: undefined, valueType: 'expandString' };
  expect(values.registryHive({ registry })).toBe(shortHive);
  expect(values.registryKey({ registry })).toBe(bareKey);
  expect(values.registryPath({ registry })).toBe([shortHive, bareKey, 'v'].filter(Boolean).join('\\'));
  expect(values.registryType({ registry })).toBe('REG_EXPAND_SZ');
});

test.each([
  ['C:\\Temp\\a.EXE', 'a.EXE', 'C:\\Temp', 'exe'],
  ['/tmp/a.tar.gz', 'a.tar.gz', '/tmp', 'gz'],
  ['a', 'a', 'folder', undefined],
  ['C:\\Temp', '.profile', 'folder', undefined],
])('file %s with the name %s', (path, name, directory, extension) => {
  const file = { ...fullEvent.file, path, name, folder: 'folder' } as SecurityEvent['file'];
  expect(values.directory(file)).toBe(directory);
  expect(values.extension(file)).toBe(extension);
});

test.each([
  ['2026-11-03T08:00:00.0000001Z', '2026-11-03T08:00:00.0000003Z', '200'],
  ['2026-11-03T08:00:00.9999999Z', '2026-11-03T08:00:01Z', '100'],
  ['2026-11-03T08:00:01Z', '2026-11-03T08:00:00Z', undefined],
  [undefined, '2026-11-03T08:00:00Z', undefined],
])('from %s to %s it took %s ns', (firstActivity, lastActivity, ns) =>
  expect(values.duration(anEvent({ firstActivity, lastActivity }))).toBe(ns),
);

test('a mail that stays within goes nowhere else, one without a word has no direction', () => {
  expect(['Inbound', 'Outbound', 'Intra-org', 'IntraOrg', undefined].map(values.mailDirection)).toEqual([
    ...['inbound', 'outbound', 'internal', 'internal'],
    undefined,
  ]);
});
