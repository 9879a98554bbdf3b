import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeWholeFile } from '../../src/fields/whole-file.ts';
import { testFolder } from '../support/connector-config.ts';

describe('a file that is written whole', () => {
  test('has its text and its mode, and nothing stays beside it', async () => {
    const path = join(testFolder(), 'app.pem');
    await writeWholeFile(path, 'first', 0o644);
    await writeWholeFile(path, 'second', 0o600);
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['app.pem']);
  });

  test('is written behind a symbolic link, which stays', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'real'), 'old');
    symlinkSync(join(folder, 'data', 'real'), join(folder, 'link'));
    await writeWholeFile(join(folder, 'link'), 'new', 0o600);
    expect(readFileSync(join(folder, 'data', 'real'), 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['data', 'link']);
  });

  test("stays its owner's and its group's, for root writes what a service reads", async () => {
    const path = join(testFolder(), 'defender-siem.yaml');
    writeFileSync(path, 'old');
    if (process.getuid?.() === 0) chownSync(path, 12_345, 23_456);
    const { uid, gid } = statSync(path);
    await writeWholeFile(path, 'new', 0o640);
    expect(statSync(path)).toMatchObject({ uid, gid });
  });

  test('is as it was where the new one cannot be put in its place', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'taken'));
    await expect(writeWholeFile(join(folder, 'taken'), 'text', 0o600)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
