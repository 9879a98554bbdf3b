import { describe, expect, test } from 'vitest';
import { leef, readLeef } from '../../src/lint/leef/leef.ts';
import { eachRule } from '../support/lint-rules.ts';

const tabbed = (...attributes: string[]) => `LEEF:1.0|Vendor|Product|1.0|id|${attributes.join('\t')}`;
const declared = (delimiter: string, attributes: string) => `LEEF:2.0|V|P|1|id|${delimiter}|${attributes}`;

describe('header', () =>
  eachRule(leef, [
    [
      'version',
      'LEEF:1|V|P|1|id|cat=x',
      'LEEF:1.0|V|P|1|id|cat=x',
      { message: /LEEF:1\.0\| or LEEF:2\.0\|/ },
    ],
    [
      'byte order mark',
      '\ufeffLEEF:1.0|V|P|1|id|cat=x',
      'LEEF:1.0|V|P|1|id|cat=x',
      { message: /byte order mark/ },
    ],
    ['pipes', 'LEEF:1.0|V|P|1', 'LEEF:1.0|V|P|1|id|', { message: /^3 pipes, the header has 5/ }],
    ['empty field', 'LEEF:1.0|V||1|id|', 'LEEF:1.0|V|P|1|id|', { at: 'Product', message: /is empty/ }],
    [
      'outer spaces',
      'LEEF:1.0|V|P |1|id|',
      'LEEF:1.0|V|P|1|id|',
      { level: 'warning', at: 'Product', message: /outer spaces/ },
    ],
    ['controls', 'LEEF:1.0|V|P\u0001|1|id|', 'LEEF:1.0|V|P|1|id|', { at: 'Product', message: /U\+0001/ }],
    [
      'no escapes',
      'LEEF:1.0|V|P|1\\|id|',
      'LEEF:1.0|V|P|1|id|',
      { level: 'warning', at: 'Version', message: /no escape/ },
    ],
    [
      'EventID',
      `LEEF:1.0|V|P|1|${'i'.repeat(256)}|`,
      `LEEF:1.0|V|P|1|${'i'.repeat(255)}|`,
      { at: 'EventID', message: /256 characters/ },
    ],
    [
      'a pipe in EventID',
      'LEEF:1.0|V|P|1|a|b|cat=x',
      'LEEF:1.0|V|P|1|a/b|cat=x',
      { message: /a pipe in the header/ },
    ],
    [
      'delimiter not declared',
      'LEEF:2.0|V|P|1|id|cat=x\tsev=1',
      declared('x09', 'cat=x\tsev=1'),
      { level: 'warning', at: 'Delimiter', message: /not declared/ },
    ],
    [
      'delimiter of one character',
      declared('^^', 'cat=x'),
      declared('^', 'cat=x'),
      { at: 'Delimiter', message: /one character/ },
    ],
    [
      'delimiter in hexadecimal',
      declared('x00005e', 'cat=x'),
      declared('0x5e', 'cat=x^sev=1'),
      { at: 'Delimiter', message: /4 hexadecimal digits/ },
    ],
    [
      'delimiter no letter',
      declared('x61', 'sev=1'),
      declared('x7e', 'sev=1'),
      { at: 'Delimiter', message: /no letter, digit/ },
    ],
    [
      'delimiter of ASCII',
      declared('¦', 'cat=x'),
      declared('~', 'cat=x'),
      { level: 'warning', at: 'Delimiter', message: /ASCII/ },
    ],
  ]));

describe('attributes', () =>
  eachRule(leef, [
    [
      'begin behind the pipe',
      tabbed(' cat=x'),
      tabbed('cat=x'),
      { level: 'warning', message: /a space behind the last pipe/ },
    ],
    ['TAB destroyed', tabbed('cat=x#011sev=1'), declared('^', 'cat=x^sev=1'), { message: /#011/ }],
    ['TAB became spaces', tabbed('cat=x    sev=1'), tabbed('cat=x', 'sev=1'), { message: /no TAB divides/ }],
    [
      'a key for each',
      declared('^', 'cat=x^y'),
      declared('^', 'cat=x y'),
      { message: /the delimiter in the value before it/ },
    ],
    ['keys are letters and digits', tabbed('my-key=x'), tabbed('myKey=x'), { message: /letters and digits/ }],
    [
      'not doubled',
      declared('^', 'cat=x^^sev=1'),
      declared('^', 'cat=x^sev=1'),
      { level: 'warning', message: /doubled, or stands at the end/ },
    ],
    ['none at the end', tabbed('cat=x', ''), tabbed('cat=x'), { level: 'warning', message: /at the end/ }],
    ['once', tabbed('cat=x', 'cat=y'), tabbed('cat=x', 'Cat=y'), { message: /cat occurs twice/ }],
    ['not empty', tabbed('cat='), tabbed('cat=x'), { level: 'warning', at: 'cat', message: /no value/ }],
    [
      'no outer spaces',
      tabbed('cat=x '),
      tabbed('cat=x'),
      { level: 'warning', at: 'cat', message: /outer spaces/ },
    ],
    [
      'no line ends',
      tabbed('cat=x\ny'),
      tabbed('cat=x y'),
      { at: 'cat', message: /U\+000A at its character 1/ },
    ],
    [
      'no TAB in values',
      declared('^', 'cat=x\ty'),
      declared('^', 'cat=x y'),
      { at: 'cat', message: /U\+0009/ },
    ],
    [
      'identHostName',
      tabbed('identHostName=a'),
      tabbed('identHostName=a', 'identSrc=10.0.0.1'),
      { at: 'identHostName', message: /without identSrc/ },
    ],
    [
      'devTime as text',
      tabbed('devTime=2026-11-03T08:26:10Z'),
      tabbed('devTime=2026-11-03T08:26:10Z', "devTimeFormat=yyyy-MM-dd'T'HH:mm:ssX"),
      { at: 'devTime', message: /devTimeFormat/ },
    ],
    [
      'devTime as a number',
      tabbed('devTime=179369437012'),
      tabbed('devTime=1793694370123'),
      { at: 'devTime', message: /10 or 13 digits/ },
    ],
    [
      'devTimeFormat alone',
      tabbed('devTimeFormat=yyyy'),
      tabbed('devTime=2026', 'devTimeFormat=yyyy'),
      { at: 'devTimeFormat', message: /without devTime/ },
    ],
    [
      'devTimeFormat needless',
      tabbed('devTime=1793694370', 'devTimeFormat=yyyy'),
      tabbed('devTime=1793694370'),
      { level: 'warning', at: 'devTimeFormat', message: /needs none/ },
    ],
    [
      'devTimeFormat wrong',
      tabbed('devTime=2026T', 'devTimeFormat=yyyyT'),
      tabbed('devTime=2026T', "devTimeFormat=yyyy'T'"),
      { at: 'devTimeFormat', message: /SimpleDateFormat/ },
    ],
  ]));

describe('predefined keys', () =>
  eachRule(leef, [
    ['sev from 1', tabbed('sev=0'), tabbed('sev=1'), { at: 'sev', message: /from 1 to 10/ }],
    ['sev to 10', tabbed('sev=11'), tabbed('sev=10'), { at: 'sev', message: /from 1 to 10/ }],
    ['address', tabbed('src=host'), tabbed('src=2001:db8::1'), { at: 'src', message: /IPv4 or IPv6/ }],
    ['port', tabbed('dstPort=65536'), tabbed('dstPort=65535'), { at: 'dstPort', message: /65535/ }],
    ['count', tabbed('srcBytes=-1'), tabbed('srcBytes=1'), { at: 'srcBytes', message: /whole number/ }],
    [
      'MAC',
      tabbed('srcMAC=00155D000001'),
      tabbed('srcMAC=00:15:5D:00:00:01'),
      { at: 'srcMAC', message: /colons/ },
    ],
    ['protocol', tabbed('proto=256'), tabbed('proto=TCP'), { at: 'proto', message: /255/ }],
    [
      'names',
      tabbed(`usrName=${'u'.repeat(256)}`),
      tabbed(`usrName=${'u'.repeat(255)}`),
      { at: 'usrName', message: /255/ },
    ],
    ['reserved', tabbed('isLoginEvent=true'), tabbed('role=x'), { at: 'isLoginEvent', message: /reserved/ }],
  ]));

test('a record is read as it was meant', () => {
  const { header, attributes } = readLeef('LEEF:2.0|V|P|1|id|^|cat=a=b^cmd=C:\\x|y');
  expect(header).toEqual({
    version: '2.0',
    vendor: 'V',
    product: 'P',
    productVersion: '1',
    eventId: 'id',
    delimiter: '^',
  });
  expect(Object.fromEntries(attributes)).toEqual({ cat: 'a=b', cmd: 'C:\\x|y' });
  expect(readLeef('LEEF:2.0|V|P|1|id||cat=a\tsev=1').attributes.get('sev')).toBe('1');
});
