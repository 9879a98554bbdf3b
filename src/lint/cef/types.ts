import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Finding } from '../language.ts';
import { codePoints, error, isMac, isWhole, quoted, warning } from '../text.ts';
import type { CefKeyType } from './dictionary.ts';

const rule = 'CEF dictionary';
const int32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;

/** Keys whose range is smaller than that of their type. */
const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  deviceDirection: [0n, 1n],
  type: [0n, 3n],
  cnt: [1n, int32[1]],
};

/** Returns what is wrong with the value of a dictionary key, by its type; `version` is that of the record. */
export function checkType(
  key: string,
  value: string,
  type: CefKeyType,
  version: string,
): Finding | undefined {
  switch (type.type) {
    case 'string': {
      const length = codePoints(value);
      if (length <= type.max) return undefined;
      return error(key, rule, `has ${length} characters, ${type.max} are allowed`);
    }
    case 'timestamp':
      return checkTime(key, value);
    case 'ipv4':
      return checkAddress(key, value, version);
    case 'ipv6':
      return isIPv6(value) && !value.includes('%') ? undefined : wrong(key, value, 'an IPv6 address');
    case 'mac':
      return isMac(value) ? undefined : wrong(key, value, 'six pairs of hexadecimal digits with colons');
    case 'double':
      return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? undefined : wrong(key, value, 'a number');
    case 'port':
      return isWhole(value, 0n, 65_535n) ? undefined : wrong(key, value, 'a port from 0 to 65535');
    case 'long':
      return isWhole(value, ...int64) ? undefined : wrong(key, value, 'a whole number of 64 bits');
    case 'integer':
      return checkInteger(key, value, version);
  }
}

function checkInteger(key: string, value: string, version: string): Finding | undefined {
  const wide = version === '1' && (key === 'in' || key === 'out');
  const [least, most] = ranges[key] ?? (wide ? int64 : int32);
  if (isWhole(value, least, most)) return undefined;
  const what = key in ranges && most < 10n ? `from ${least} to ${most}` : `of ${wide ? 64 : 32} bits`;
  return wrong(key, value, `a whole number ${what}`);
}

function checkAddress(key: string, value: string, version: string): Finding | undefined {
  if (isIPv4(value)) return undefined;
  if (isIPv6(value)) {
    if (version === '1') return undefined;
    return wrong(key, value, 'an IPv4 address: in CEF:0 an IPv6 address goes to c6a1 to c6a4, with a label');
  }
  const hint = isIP(value) === 0 && /[A-Za-z]/.test(value) ? ': a name goes to dvchost, shost or dhost' : '';
  return wrong(key, value, `an IPv4 address${hint}`);
}

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const textDate = new RegExp(
  `^(?:${months}) (?:0?[1-9]|[12]\\d|3[01]) (?:\\d{4} )?(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{3})?(?: [A-Za-z0-9/:+_-]+)?$`,
);

function checkTime(key: string, value: string): Finding | undefined {
  if (/^\d{12,14}$/.test(value) || textDate.test(value)) return undefined;
  if (/^\d{9,10}$/.test(value)) {
    return warning(key, rule, `${value} are milliseconds of January 1970: seconds need three digits more`);
  }
  if (/^\d+$/.test(value))
    return warning(key, rule, `${quoted(value)} is far from now: in milliseconds it has 13 digits`);
  const iso = /^\d{4}-\d\d-\d\d/.test(value) ? '; ISO 8601 is no date here' : '';
  return wrong(key, value, `milliseconds since 1970 or 'MMM dd yyyy HH:mm:ss'${iso}`);
}

function wrong(key: string, value: string, what: string): Finding {
  return error(key, rule, `${quoted(value)} is not ${what}`);
}
