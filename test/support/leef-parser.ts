import { isIP } from 'node:net';
import { refuseLonger, refuseOuterSpace, refuseUnsafe } from './line-text.ts';

/** A LEEF record as read. */
export interface LeefRecord {
  readonly version: '1.0' | '2.0';
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly eventId: string;
  readonly delimiter: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const addresses = 'src dst srcPreNAT dstPreNAT srcPostNAT dstPostNAT identSrc vSrc'.split(' ');
const ports = 'srcPort dstPort srcPreNATPort dstPreNATPort srcPostNATPort dstPostNATPort'.split(' ');
const shortText = 'usrName identHostName identNetBios identGrpName vSrcName accountName'.split(' ');
const counts = 'srcBytes dstBytes srcPackets dstPackets totalPackets'.split(' ');
const reserved = 'identMAC isLoginEvent isLogoutEvent identSecondlp calLanguage calCountryOrRegion'.split(
  ' ',
);

/**
 * Reads a LEEF 1.0 or 2.0 record by the letter of IBM's format guide, written apart from the encoder. Throws at
 * whatever it does not allow; a 2.0 record must name its delimiter.
 */
export function parseLeef(line: string): LeefRecord {
  const version = /^LEEF:(1\.0|2\.0)\|/.exec(line)?.[1];
  if (version !== '1.0' && version !== '2.0') throw new Error('does not begin with LEEF:1.0| or LEEF:2.0|');
  const fieldCount = version === '1.0' ? 4 : 5;
  const fields: string[] = [];
  let at = 'LEEF:1.0|'.length;
  while (fields.length < fieldCount) {
    const pipe = line.indexOf('|', at);
    if (pipe === -1) throw new Error('the header has too few pipes');
    fields.push(line.slice(at, pipe));
    at = pipe + 1;
  }
  const [vendor = '', product = '', productVersion = '', eventId = '', named = 'x09'] = fields;
  for (const [name, value] of Object.entries({ vendor, product, productVersion, eventId })) {
    refuseOuterSpace(name, value);
    refuseUnsafe(value);
  }
  refuseLonger('EventID', eventId, 255);
  const delimiter = delimiterOf(named);
  const attributes = readAttributes(line.slice(at), delimiter);
  return { version, vendor, product, productVersion, eventId, delimiter, attributes };
}

function delimiterOf(named: string): string {
  const hex = /^0?x([0-9A-Fa-f]{1,4})$/.exec(named)?.[1];
  const delimiter = hex === undefined ? named : String.fromCharCode(Number.parseInt(hex, 16));
  if (delimiter.length !== 1 || /[A-Za-z0-9 =\r\n]/.test(delimiter)) throw new Error(`delimiter '${named}'`);
  return delimiter;
}

function readAttributes(text: string, delimiter: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const attribute of text.split(delimiter)) {
    const equals = attribute.indexOf('=');
    const key = attribute.slice(0, Math.max(equals, 0));
    const value = attribute.slice(equals + 1);
    if (!/^[A-Za-z0-9]+$/.test(key)) throw new Error(`'${attribute}' has no key`);
    if (attributes.has(key)) throw new Error(`${key} occurs twice`);
    refuseUnsafe(value);
    refuseOuterSpace(key, value);
    checkType(key, value);
    attributes.set(key, value);
  }
  for (const key of ['identHostName', 'identNetBios', 'identGrpName']) {
    if (attributes.has(key) && !attributes.has('identSrc')) throw new Error(`${key} without identSrc`);
  }
  if (attributes.has('devTimeFormat')) throw new Error('devTimeFormat beside an epoch time');
  return attributes;
}

function checkType(key: string, value: string): void {
  if (reserved.includes(key)) throw new Error(`${key} is reserved`);
  if (shortText.includes(key)) refuseLonger(key, value, 255);
  const wrong =
    (addresses.includes(key) && isIP(value) === 0) ||
    (ports.includes(key) && !(/^(?:0|[1-9]\d{0,4})$/.test(value) && Number(value) <= 65_535)) ||
    (counts.includes(key) && !/^\d+$/.test(value)) ||
    (key === 'sev' && !/^(?:[1-9]|10)$/.test(value)) ||
    (key === 'devTime' && !/^(?:\d{10}|\d{13})$/.test(value)) ||
    (/MAC$/.test(key) && !/^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/.test(value));
  if (wrong) throw new Error(`${key}=${value} is of the wrong type`);
}
