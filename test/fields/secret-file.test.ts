import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTextFile, secretFile } from '../../src/fields/secret-file.ts';

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'defender-siem-secret-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'secret');
  writeFileSync(path, text);
  return path;
}

function followed(path: string) {
  const time = { ms: 1_000_000 };
  return { read: secretFile(path, { now: () => time.ms }), time };
}

test.each([
  ['a\n', 'a'],
  ['a\r\n', 'a'],
  ['a\n\n', 'a'],
  ['a\nb\n', 'a\nb'],
  [' a ', ' a '],
  ['\uFEFFa\r\n', 'a'],
  ['', ''],
])('%j is read as %j', (content, expected) => expect(readTextFile(fileWith(content))).toBe(expected));

test('a folder, a device and a file too large are no secrets', () => {
  expect(() => readTextFile(tmpdir())).toThrow('is not a regular file');
  expect(() => readTextFile('/dev/zero')).toThrow('is not a regular file');
  expect(() => readTextFile(fileWith('x'.repeat(2 ** 20 + 1)))).toThrow('larger than 1 MiB');
});

test('a file that is not there is an error at first', () => {
  expect(() => secretFile('/none/such', { now: () => 0 })).toThrow('ENOENT');
});

test('a new content shows after 2 s, and not before', () => {
  const path = fileWith('old');
  const { read, time } = followed(path);
  writeFileSync(path, 'newer');
  time.ms += 1_999;
  expect(read()).toBe('old');
  time.ms += 1;
  expect(read()).toBe('newer');
});

test('a file put in the place of another shows, though time and size are the same', () => {
  const path = fileWith('one');
  const { atime, mtime } = statSync(path);
  const { read, time } = followed(path);
  writeFileSync(`${path}.new`, 'two');
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
  time.ms += 2_000;
  expect(read()).toBe('two');
});

test('the last value stays while the way to the file is broken, however it is', () => {
  const path = fileWith('value');
  const { read, time } = followed(path);
  for (const breakIt of [() => symlinkSync(path, path), () => writeFileSync(path, '')]) {
    rmSync(path, { force: true });
    breakIt();
    time.ms += 2_000;
    expect([read(), read(true)]).toEqual(['value', 'value']);
  }
});

test('a content that changed behind the same time, size and inode shows within a minute', () => {
  const path = fileWith('one');
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  const { read, time } = followed(path);
  writeFileSync(path, 'two');
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  time.ms += 2_000;
  expect(read()).toBe('one');
  time.ms += 58_000;
  expect(read()).toBe('two');
});

test('the last value stays while the file is gone, and the next one shows when it is back', () => {
  const path = fileWith('old');
  const { read, time } = followed(path);
  rmSync(path);
  time.ms += 120_000;
  expect(read()).toBe('old');
  writeFileSync(path, 'new');
  time.ms += 2_000;
  expect(read()).toBe('new');
});

test('the last value stays while the file is empty, as in the middle of a rotation', () => {
  const path = fileWith('old');
  const { read, time } = followed(path);
  writeFileSync(path, '');
  time.ms += 2_000;
  expect(read()).toBe('old');
  writeFileSync(path, 'new');
  time.ms += 2_000;
  expect(read()).toBe('new');
});

test('a clock that was set back an hour freezes nothing', () => {
  const path = fileWith('old');
  const { read, time } = followed(path);
  writeFileSync(path, 'newer');
  time.ms -= 3_600_000;
  expect(read()).toBe('newer');
});
