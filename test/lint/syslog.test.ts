import { describe, expect, test } from 'vitest';
import { rfc3164 } from '../../src/lint/syslog/rfc3164.ts';
import { readRfc5424, rfc5424 } from '../../src/lint/syslog/rfc5424.ts';
import { eachRule } from '../support/lint-rules.ts';

const time = '2026-11-03T08:26:10.123456Z';
const message = (header: string) => `<134>1 ${header} hello`;
const timed = (timestamp: string) => message(`${timestamp} host app - id -`);
const data = (structuredData: string) => message(`${time} host app - id ${structuredData}`);

describe('RFC 5424', () => {
  eachRule(rfc5424, [
    ['PRI up to 191', '<192>1 - h a - - - x', '<191>1 - h a - - - x', { at: 'PRI', message: /0 to 191/ }],
    [
      'PRI without leading zeros',
      '<034>1 - h a - - - x',
      '<34>1 - h a - - - x',
      { at: 'PRI', message: /'034'/ },
    ],
    [
      'PRI at the beginning',
      ' <34>1 - h a - - - x',
      '<34>1 - h a - - - x',
      { at: 'offset 0', message: /white space/ },
    ],
    [
      'VERSION is 1',
      '<34>2 - h a - - - x',
      '<34>1 - h a - - - x',
      { at: 'VERSION', message: /'2' is not 1/ },
    ],
    [
      'VERSION right behind',
      '<34> 1 - h a - - - x',
      '<34>1 - h a - - - x',
      { at: 'VERSION', message: /a space stands/ },
    ],
    [
      'fractional digits',
      timed('2026-11-03T08:26:10.1234567Z'),
      timed(time),
      { at: 'TIMESTAMP', message: /1 to 6 digits/ },
    ],
    [
      'upper case T',
      timed('2026-11-03t08:26:10Z'),
      timed('2026-11-03T08:26:10Z'),
      { at: 'TIMESTAMP', message: /upper case T/ },
    ],
    [
      'upper case Z',
      timed('2026-11-03T08:26:10z'),
      timed('2026-11-03T08:26:10+01:00'),
      { at: 'TIMESTAMP', message: /upper case Z/ },
    ],
    [
      'a zone',
      timed('2026-11-03T08:26:10'),
      timed('2026-11-03T08:26:10-00:00'),
      { at: 'TIMESTAMP', message: /zone/ },
    ],
    [
      'a real date',
      timed('2026-02-29T08:26:10Z'),
      timed('2028-02-29T08:26:10Z'),
      { at: 'TIMESTAMP', message: /no such time/ },
    ],
    [
      'a real time',
      timed('2026-02-28T24:26:10Z'),
      timed('2026-02-28T23:26:10Z'),
      { at: 'TIMESTAMP', message: /no such time/ },
    ],
    [
      'no leap second',
      timed('2026-06-30T23:59:60Z'),
      timed('2026-06-30T23:59:59Z'),
      { at: 'TIMESTAMP', message: /leap second/ },
    ],
    ['any time', timed('yesterday'), timed('-'), { at: 'TIMESTAMP', message: /'yesterday'/ }],
    [
      'HOSTNAME of 255',
      message(`- ${'h'.repeat(256)} a - - -`),
      message(`- ${'h'.repeat(255)} a - - -`),
      { at: 'HOSTNAME', message: /1 to 255/ },
    ],
    [
      'HOSTNAME of ASCII',
      message('- hôte a - - -'),
      message('- host a - - -'),
      { at: 'HOSTNAME', message: /printable ASCII/ },
    ],
    [
      'APP-NAME of 48',
      message(`- h ${'a'.repeat(49)} - - -`),
      message(`- h ${'a'.repeat(48)} - - -`),
      { at: 'APP-NAME', message: /1 to 48/ },
    ],
    [
      'PROCID of 128',
      message(`- h a ${'p'.repeat(129)} - -`),
      message(`- h a ${'p'.repeat(128)} - -`),
      { at: 'PROCID', message: /1 to 128/ },
    ],
    [
      'MSGID of 32',
      message(`- h a - ${'m'.repeat(33)} -`),
      message(`- h a - ${'m'.repeat(32)} -`),
      { at: 'MSGID', message: /1 to 32/ },
    ],
    [
      'no empty field',
      message('-  a - - -'),
      message('- - a - - -'),
      { at: 'HOSTNAME', message: /is empty/ },
    ],
    [
      'all fields',
      '<13>1 - 10.0.0.1 LEEF:1.0|V|P|1|id|',
      '<13>1 - 10.0.0.1 - - - - LEEF:1.0|V|P|1|id|',
      { message: /APP-NAME, PROCID, MSGID, STRUCTURED-DATA/ },
    ],
    [
      'STRUCTURED-DATA',
      message('- h a - -'),
      message('- h a - - -'),
      { at: 'STRUCTURED-DATA', message: /neither - nor/ },
    ],
    [
      'a space before the message',
      '<134>1 - h a - - [meta language="en"]x',
      '<134>1 - h a - - [meta language="en"] x',
      { message: /one space stands between/ },
    ],
    [
      'no byte order mark before CEF',
      '<134>1 - h a - - - \ufeffCEF:0|',
      '<134>1 - h a - - - CEF:0|',
      { level: 'warning', message: /byte order mark/ },
    ],
    [
      'no line end',
      '<134>1 - h a - - - x\n',
      '<134>1 - h a - - - \ufeffx',
      { level: 'warning', message: /line end/ },
    ],
    ['own SD-IDs', data('[own a="b"]'), data('[own@99 a="b"]'), { at: 'own', message: /IANA/ }],
    [
      'enterprise numbers',
      data('[own@x a="b"]'),
      data('[own@99.1]'),
      { at: 'own@x', message: /number alone/ },
    ],
    [
      'the number of documents',
      data('[own@32473 a="b"]'),
      data('[own@32474 a="b"]'),
      { level: 'warning', at: 'own@32473', message: /documentation/ },
    ],
    [
      'an SD-ID once',
      data('[o@9 a="b"][o@9 a="c"]'),
      data('[o@9 a="b"][p@9 a="c"]'),
      { at: 'o@9', message: /once/ },
    ],
    ['SD-ID of 32', data(`[${'i'.repeat(31)}@9]`), data(`[${'i'.repeat(30)}@9]`), { message: /1 to 32/ }],
    [
      'PARAM-NAME of 32',
      data(`[o@9 ${'n'.repeat(33)}="b"]`),
      data(`[o@9 ${'n'.repeat(32)}="b"]`),
      { message: /1 to 32/ },
    ],
    [
      'one space before parameters',
      data('[o@9  a="b"]'),
      data('[o@9 a="b" a="c"]'),
      { message: /one space/ },
    ],
    ['none behind them', data('[o@9 a="b" ]'), data('[o@9 a="b"]'), { message: /none behind the last/ }],
    [
      'a closed element',
      '<134>1 - h a - - [o@9 a="b"',
      '<134>1 - h a - - [o@9 a="b"]',
      { message: /not closed/ },
    ],
    ['quotes', data('[o@9 a=b]'), data('[o@9 a="b"]'), { message: /not closed here/ }],
    [
      '] in a value',
      data('[o@9 a="x]y"]'),
      data(String.raw`[o@9 a="x\]y"]`),
      { at: 'o@9 a', message: /\] in a value/ },
    ],
    [
      '\\ in a value',
      data(String.raw`[o@9 a="C:\x"]`),
      data(String.raw`[o@9 a="C:\\x\""]`),
      { at: 'o@9 a', message: /backslash/ },
    ],
    [
      'controls in a value',
      data('[o@9 a="x\ny"]'),
      data('[o@9 a="é"]'),
      { level: 'warning', at: 'o@9 a', message: /U\+000A/ },
    ],
    [
      'parameters of IANA',
      data('[origin host="x"]'),
      data('[origin ip="10.0.0.1" ip="::1"]'),
      { at: 'origin host', message: /no parameter of origin/ },
    ],
    [
      'values of IANA',
      data('[meta sequenceId="0"]'),
      data('[meta sequenceId="2147483647"]'),
      { at: 'meta sequenceId', message: /'0' is no value/ },
    ],
    [
      'parameters once',
      data('[meta language="en" language="de"]'),
      data('[meta language="en"]'),
      { at: 'meta language', message: /twice/ },
    ],
    [
      'syncAccuracy',
      data('[timeQuality isSynced="0" syncAccuracy="1"]'),
      data('[timeQuality isSynced="1" syncAccuracy="1"]'),
      { at: 'timeQuality syncAccuracy', message: /isSynced is 1/ },
    ],
  ]);

  test('a message is read as it was meant', () => {
    const text = String.raw`<165>1 ${time} h app 7 id [meta sequenceId="1"][o@9 a="q\"\]\\"] CEF:0|`;
    expect(readRfc5424(text)).toMatchObject({
      priority: 165,
      hostname: 'h',
      appName: 'app',
      procId: '7',
      msgId: 'id',
      structuredData: [
        ['meta', [['sequenceId', '1']]],
        ['o@9', [['a', 'q"]\\']]],
      ],
      message: 'CEF:0|',
    });
    expect(readRfc5424('<165>1 - h app - - -')).toMatchObject({ message: '', findings: [] });
  });
});

describe('RFC 3164', () =>
  eachRule(rfc3164, [
    ['PRI', '<192>Nov  3 08:26:10 h tag: x', '<191>Nov  3 08:26:10 h tag: x', { at: 'PRI', message: /191/ }],
    [
      'PRI is there',
      'Nov  3 08:26:10 h tag: x',
      '<13>Nov  3 08:26:10 h tag: x',
      { level: 'warning', at: 'PRI', message: /files that relays write/ },
    ],
    [
      'a padded day',
      '<13>Nov 03 08:26:10 h tag: x',
      '<13>Nov  3 08:26:10 h tag: x',
      { at: 'TIMESTAMP', message: /padded with a space/ },
    ],
    [
      'a day not padded',
      '<13>Nov 3 08:26:10 h tag: x',
      '<13>Nov 13 08:26:10 h tag: x',
      { at: 'TIMESTAMP', message: /padded with a space/ },
    ],
    [
      'a real time',
      '<13>Nov  3 24:26:10 h tag: x',
      '<13>Nov  3 23:26:10 h tag: x',
      { at: 'TIMESTAMP', message: /no time/ },
    ],
    [
      'an English month',
      '<13>nov  3 08:26:10 h tag: x',
      '<13>Nov  3 08:26:10 h tag: x',
      { at: 'TIMESTAMP', message: /no time/ },
    ],
    [
      'no ISO time',
      '<13>2026-11-03T08:26:10Z h tag: x',
      '<13>Nov  3 08:26:10 h tag: x',
      { at: 'TIMESTAMP', message: /without year and zone/ },
    ],
    ['a time', '<13>hello', '<13>Nov  3 08:26:10 h tag: hello', { at: 'TIMESTAMP', message: /no time like/ }],
    [
      'HOSTNAME',
      '<13>Nov  3 08:26:10 CEF:0|',
      '<13>Nov  3 08:26:10 h tag: CEF:0|',
      { at: 'HOSTNAME', message: /not there/ },
    ],
    [
      'HOSTNAME of ASCII',
      '<13>Nov  3 08:26:10 hôte tag: x',
      '<13>Nov  3 08:26:10 h.example tag: x',
      { at: 'HOSTNAME', message: /ASCII/ },
    ],
    [
      'CEF as TAG',
      '<13>Nov  3 08:26:10 h CEF:0|',
      '<13>Nov  3 08:26:10 h tag: CEF:0|',
      { level: 'warning', at: 'TAG', message: /take CEF for it/ },
    ],
    [
      'LEEF as TAG',
      '<13>Nov  3 08:26:10 h LEEF:2.0|',
      '<13>Nov  3 08:26:10 h tag[7]: LEEF:2.0|',
      { level: 'warning', at: 'TAG', message: /take LEEF for it/ },
    ],
    [
      'a TAG',
      '<13>Nov  3 08:26:10 h some words',
      '<13>Nov  3 08:26:10 h some: words',
      { level: 'warning', at: 'TAG', message: /first word/ },
    ],
    [
      'TAG of 32',
      `<13>Nov  3 08:26:10 h ${'t'.repeat(33)}: x`,
      `<13>Nov  3 08:26:10 h ${'t'.repeat(32)}: x`,
      { at: 'TAG', message: /1 to 32/ },
    ],
    [
      'a space behind TAG',
      '<13>Nov  3 08:26:10 h tag:x',
      '<13>Nov  3 08:26:10 h tag: x',
      { level: 'warning', at: 'TAG', message: /no space/ },
    ],
    [
      'no line end',
      '<13>Nov  3 08:26:10 h tag: x\n',
      '<13>Nov  3 08:26:10 h tag: x',
      { level: 'warning', message: /line end/ },
    ],
  ]));
