import { describe, expect, test } from 'vitest';
import { cef, readCef } from '../../src/lint/cef/cef.ts';
import { consumerKeys, keyOfFullName, producerKeys } from '../../src/lint/cef/dictionary.ts';
import { eachRule } from '../support/lint-rules.ts';

const record = (extension: string, version = 0) => `CEF:${version}|Vendor|Product|1.0|id|Name|5|${extension}`;
const header = (fields: string) => `CEF:0|${fields}|act=blocked`;

describe('header', () =>
  eachRule(cef, [
    [
      'version',
      'CEF:2|V|P|1|id|Name|5|',
      'CEF:1|V|P|1|id|Name|5|',
      { message: /instead of CEF:0\| or CEF:1\|/ },
    ],
    [
      'space behind CEF:',
      'CEF: 0|V|P|1|id|Name|5|',
      'CEF:0|V|P|1|id|Name|5|',
      { message: /begins with 'CEF: 0\|'/ },
    ],
    [
      'byte order mark',
      '\ufeffCEF:0|V|P|1|id|Name|5|',
      'CEF:0|V|P|1|id|Name|5|',
      { message: /byte order mark/ },
    ],
    [
      'seven pipes',
      'CEF:0|V|P|1|id|Name|5',
      'CEF:0|V|P|1|id|Name|5|',
      { message: /^6 pipes, the header has 7/ },
    ],
    [
      'vendor',
      header('|P|1|id|Name|5'),
      header('V|P|1|id|Name|5'),
      { at: 'Device Vendor', message: /is empty/ },
    ],
    [
      'product',
      header(`V|${'p'.repeat(64)}|1|id|Name|5`),
      header(`V|${'p'.repeat(63)}|1|id|Name|5`),
      { at: 'Device Product', message: /64 characters, 63/ },
    ],
    [
      'product version',
      header(`V|P|${'1'.repeat(32)}|id|Name|5`),
      header(`V|P|${'1'.repeat(31)}|id|Name|5`),
      { at: 'Device Version', message: /32 characters, 31/ },
    ],
    [
      'class ID',
      header(`V|P|1|${'i'.repeat(1024)}|Name|5`),
      header(`V|P|1|${'i'.repeat(1023)}|Name|5`),
      { at: 'Device Event Class ID', message: /1024 characters/ },
    ],
    [
      'name',
      header(`V|P|1|id|${'😀'.repeat(513)}|5`),
      header(`V|P|1|id|${'😀'.repeat(512)}|5`),
      { at: 'Name', message: /513 characters, 512/ },
    ],
    [
      'outer spaces',
      header('V|P|1|id| Name|5'),
      header('V|P|1|id|Name|5'),
      { level: 'warning', at: 'Name', message: /outer spaces/ },
    ],
    [
      'TAB',
      header('V|P|1|id|Na\tme|5'),
      header('V|P|1|id|Na me|5'),
      { level: 'warning', at: 'Name', message: /TAB/ },
    ],
    [
      'severity as a number',
      header('V|P|1|id|Name|11'),
      header('V|P|1|id|Name|10'),
      { at: 'Severity', message: /0 to 10/ },
    ],
    [
      'severity without leading zero',
      header('V|P|1|id|Name|05'),
      header('V|P|1|id|Name|5'),
      { at: 'Severity', message: /'05'/ },
    ],
    [
      'severity as a word',
      header('V|P|1|id|Name|high'),
      header('V|P|1|id|Name|High'),
      { at: 'Severity', message: /exactly Unknown, Low/ },
    ],
    [
      'escapes',
      header(String.raw`V|P|1|id|a\=b|5`),
      header(String.raw`V|P|1|id|a=b\\\||5`),
      { at: 'offset 16', message: /^\\= is no escape of a header/ },
    ],
  ]));

describe('extension', () =>
  eachRule(cef, [
    [
      'begins behind the pipe',
      record(' act=x'),
      record('act=x'),
      { level: 'warning', message: /spaces behind the last pipe/ },
    ],
    ['has keys', record('blocked'), record('act=blocked'), { message: /without a key/ }],
    [
      'keys are letters and digits',
      record('my_key=x'),
      record('myKey=x'),
      { message: /begins with 'my_key'/ },
    ],
    [
      'an = in a value',
      record('act=x msg=a-b=c'),
      record(String.raw`act=x msg=a-b\=c`),
      { message: /an = in the value of 'msg' is not escaped/ },
    ],
    [
      'two = in a row',
      record('request=http://a?b=c'),
      record(String.raw`request=http://a?b\=c`),
      { message: /'request'/ },
    ],
    [
      'unknown escape',
      record(String.raw`filePath=C:\Temp`),
      record(String.raw`filePath=C:\\Temp`),
      { at: 'offset 46', message: /^\\T is no escape of a value/ },
    ],
    [
      'a backslash at the end',
      record('filePath=C:\\'),
      record('filePath=C:\\\\'),
      { message: /^\\ is no escape/ },
    ],
    [
      'a pipe is not escaped',
      record(String.raw`msg=a\|b`),
      record('msg=a|b'),
      { message: /^\\\| is no escape/ },
    ],
    [
      'a key occurs once',
      record('cmd=run act=allowed act=blocked'),
      record(String.raw`cmd=run act\=allowed act=blocked`),
      { message: /^act occurs twice/ },
    ],
    [
      'no empty values',
      record('act= outcome=x'),
      record('outcome=x'),
      { level: 'warning', at: 'act', message: /no value/ },
    ],
    [
      'no outer spaces',
      record('act=x  outcome=y'),
      record('act=x outcome=y'),
      { level: 'warning', at: 'act', message: /outer spaces/ },
    ],
    [
      'no spaces at the end',
      record('act=x '),
      record('act=x'),
      { level: 'warning', at: 'act', message: /outer spaces/ },
    ],
    [
      'one line',
      record('msg=a\nb'),
      record(String.raw`msg=a\nb`),
      { at: 'offset 40', message: /U\+000A ends the record/ },
    ],
    ['no line separators', record('msg=a\u2028b'), record('msg=a\tb'), { message: /U\+2028/ }],
    ['no NUL', record('msg=a\0b'), record('msg=a\ufffdb'), { message: /U\+0000/ }],
    ['no lone surrogates', record('msg=a\ud800b'), record('msg=a😀b'), { message: /lone surrogate/ }],
  ]));

describe('dictionary', () =>
  eachRule(cef, [
    [
      'length',
      record(`externalId=${'x'.repeat(41)}`),
      record(`externalId=${'x'.repeat(40)}`),
      { at: 'externalId', message: /41 characters, 40/ },
    ],
    [
      'dates are no ISO 8601',
      record('rt=2026-11-03T08:26:10Z'),
      record('rt=1793694370123'),
      { at: 'rt', message: /ISO 8601 is no date here/ },
    ],
    [
      'dates as text',
      record('rt=Nov 33 2026 08:26:10'),
      record('rt=Nov 03 2026 08:26:10.123 UTC'),
      { at: 'rt', message: /is not milliseconds/ },
    ],
    [
      'dates in seconds',
      record('rt=1793694370'),
      record('rt=1793694370000'),
      { level: 'warning', at: 'rt', message: /January 1970/ },
    ],
    [
      'dates in nanoseconds',
      record('rt=1793694370000000000'),
      record('rt=1793694370000'),
      { level: 'warning', at: 'rt', message: /far from now/ },
    ],
    ['an address is no name', record('dvc=host'), record('dvchost=host'), { at: 'dvc', message: /dvchost/ }],
    [
      'IPv6 in CEF:0',
      record('src=2001:db8::1'),
      record('src=2001:db8::1', 1),
      { at: 'src', message: /c6a1/ },
    ],
    [
      'IPv6',
      record('c6a1Label=x c6a1=1.2.3.4'),
      record('c6a1Label=x c6a1=::1'),
      { at: 'c6a1', message: /IPv6/ },
    ],
    ['MAC', record('smac=00155D000001'), record('smac=00:15:5D:00:00:01'), { at: 'smac', message: /colons/ }],
    ['port', record('spt=65536'), record('spt=65535'), { at: 'spt', message: /65535/ }],
    ['integer', record('fsize=2147483648'), record('fsize=2147483647'), { at: 'fsize', message: /32 bits/ }],
    [
      'integer of CEF:1',
      record('in=2147483648'),
      record('in=2147483648', 1),
      { at: 'in', message: /32 bits/ },
    ],
    [
      'long',
      record('cn1Label=x cn1=9223372036854775808'),
      record('cn1Label=x cn1=-9223372036854775808'),
      { at: 'cn1', message: /64 bits/ },
    ],
    [
      'double',
      record('cfp1Label=x cfp1=1,5'),
      record('cfp1Label=x cfp1=1.5'),
      { at: 'cfp1', message: /a number/ },
    ],
    [
      'direction',
      record('deviceDirection=2'),
      record('deviceDirection=1'),
      { at: 'deviceDirection', message: /from 0 to 1/ },
    ],
    ['type', record('type=4'), record('type=3'), { at: 'type', message: /from 0 to 3/ }],
    ['count', record('cnt=0'), record('cnt=1'), { at: 'cnt', message: /whole number/ }],
    [
      'a field needs its label',
      record('cs1=x'),
      record('cs1Label=Threat cs1=x'),
      { at: 'cs1', message: /no cs1Label/ },
    ],
    [
      'a label needs its field',
      record('cs1Label=Threat'),
      record('cs1Label=Threat cs1=x'),
      { at: 'cs1Label', message: /is not there/ },
    ],
    [
      'labels are unique',
      record('cs1Label=T cs1=x cs2Label=T cs2=y'),
      record('cs1Label=T cs1=x cs2Label=U cs2=y'),
      { level: 'warning', at: 'cs2Label', message: /as cs1Label is/ },
    ],
    ['keys of consumers', record('agt=1.2.3.4'), record('dvc=1.2.3.4'), { at: 'agt', message: /consumer/ }],
    [
      'full names',
      record('deviceAction=x'),
      record('act=x'),
      { at: 'deviceAction', message: /its key is act/ },
    ],
    [
      'keys of CEF:1',
      record('threatAttackID=T1'),
      record('threatAttackID=T1', 1),
      { level: 'warning', at: 'threatAttackID', message: /version 1/ },
    ],
  ]));

test('the dictionary has the keys of both halves, and no key in both', () => {
  expect(producerKeys.size).toBe(146);
  expect([...consumerKeys].filter((key) => producerKeys.has(key))).toEqual([]);
  expect(
    [...keyOfFullName].filter(([name, key]) => producerKeys.has(name) || !producerKeys.has(key)),
  ).toEqual([]);
});

test('other white space than spaces is part of a value', () => {
  expect(cef.lint(header('V|P|1|id|\ufeff|5'))).toEqual([]);
  expect(cef.lint(record('msg=\u00a0'))).toEqual([]);
});

test('a record is read as it was meant', () => {
  const { header: fields, extension } = readCef(
    String.raw`CEF:0|V\|\\|P|1|a=b|Name|Very-High|msg=a\=b\nc|d cs1Label=L cs1=x y`,
  );
  expect(fields).toMatchObject({ vendor: 'V|\\', classId: 'a=b', severity: 'Very-High' });
  expect(Object.fromEntries(extension)).toEqual({ msg: 'a=b\nc|d', cs1Label: 'L', cs1: 'x y' });
});

test('a message of a megabyte of = or \\\\ has one finding, and one of as many keys does not overflow', () => {
  expect(cef.lint(record(`own=${'='.repeat(1_000_000)}`))).toHaveLength(1);
  expect(cef.lint(record('a= '.repeat(300_000))).length).toBeGreaterThan(300_000);
  expect(cef.lint(record(`own=${'\\x'.repeat(500_000)}`))).toHaveLength(1);
});
