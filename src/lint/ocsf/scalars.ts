import { isIPv4, isIPv6 } from 'node:net';
import { isMac } from '../text.ts';

/** Reads a value of a scalar type: returns what is wrong with it, undefined for nothing. */
type Check = (value: unknown) => string | undefined;

const mostPort = 65_535;
const lastTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const hostname =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?$/;
const email = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+$/;
const uuid = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;
const hash = /^[a-fA-F0-9]+$/;
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?$/;

/** What each scalar type of the schema takes. */
const checks: Readonly<Record<string, Check>> = {
  string: text,
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'is not true or false'),
  integer: (value) => (Number.isSafeInteger(value) ? undefined : 'is no integer'),
  long: (value) => (Number.isInteger(value) ? undefined : 'is no integer'),
  float: (value) => (typeof value === 'number' ? undefined : 'is no number'),
  timestamp: timestamp,
  datetime: formed(dateTime, 'is no time of RFC 3339'),
  port: (value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostPort
      ? undefined
      : 'is no port from 0 to 65535',
  ip: (value) =>
    typeof value === 'string' && (isIPv4(value) || isIPv6(value)) ? undefined : 'is no IP address',
  mac: (value) =>
    typeof value === 'string' && isMac(value.replaceAll('-', ':')) ? undefined : 'is no MAC address',
  subnet: (value) => (typeof value === 'string' && subnet(value) ? undefined : 'is no subnet'),
  hostname: formed(hostname, 'is no host name'),
  email_t: formed(email, 'is no mail address'),
  uuid: formed(uuid, 'is no UUID'),
  file_hash: formed(hash, 'is no hash in hexadecimal digits'),
  url_t: formed(/^[^\s\p{Cc}]+$/u, 'is no URL'),
  json: () => undefined,
};

/** True of a type that is no object. */
export function isScalar(type: string): boolean {
  return Object.hasOwn(checks, type);
}

/** Returns what is wrong with a value of a scalar type, undefined for nothing. */
export function scalarProblem(type: string, value: unknown): string | undefined {
  return checks[type]?.(value);
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is no text';
  return /^[ \t\r\n]*$/.test(value) ? 'is empty: leave it out' : undefined;
}

function formed(form: RegExp, problem: string): Check {
  return (value) => (typeof value === 'string' && form.test(value) ? undefined : problem);
}

function timestamp(value: unknown): string | undefined {
  if (!Number.isSafeInteger(value)) return 'is no integer of milliseconds since 1970';
  const ms = Number(value);
  return ms >= 0 && ms <= lastTime ? undefined : 'lies before 1970 or beyond the year 9999';
}

function subnet(value: string): boolean {
  const [address = '', length = ''] = value.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return /^\d{1,3}$/.test(length) && Number(length) <= most;
}
