import { expect, test } from 'vitest';
import { joinPath } from '../../src/normalise/file.ts';

test.each([
  ['C:\\Temp', 'a.exe', 'C:\\Temp\\a.exe'],
  ['C:\\Temp\\', 'a.exe', 'C:\\Temp\\a.exe'],
  ['C:\\Temp\\a.exe', 'a.exe', 'C:\\Temp\\a.exe'],
  ['C:\\Temp\\A.EXE', 'a.exe', 'C:\\Temp\\A.EXE'],
  ['C:\\Temp\\xa.exe', 'a.exe', 'C:\\Temp\\xa.exe\\a.exe'],
  ['/usr/sbin', 'crond', '/usr/sbin/crond'],
  ['/', 'crond', '/crond'],
  ['/usr/sbin/crond', 'crond', '/usr/sbin/crond'],
  ['/opt/APP', 'app', '/opt/APP/app'],
  ['C:/mixed\\x', 'a', 'C:/mixed\\x\\a'],
  ['C:', 'a.exe', 'C:\\a.exe'],
  ['a.exe', 'a.exe', 'a.exe'],
  ['C:\\Temp', undefined, 'C:\\Temp'],
  [undefined, 'a.exe', undefined],
])('folder %s and name %s make %s (formats reference §11.2)', (folder, name, path) => {
  expect(joinPath(folder, name)).toBe(path);
});
