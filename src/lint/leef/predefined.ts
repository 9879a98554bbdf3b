import { isIP } from 'node:net';
import type { Finding } from '../language.ts';
import { codePoints, error, isMac, isWhole, quoted } from '../text.ts';

const rule = 'LEEF predefined keys';
const maxName = 255;

type Check = (value: string) => string | undefined;

const address: Check = (value) => (isIP(value) === 0 ? 'an IPv4 or IPv6 address' : undefined);
const port: Check = (value) => (isWhole(value, 0n, 65_535n) ? undefined : 'a port from 0 to 65535');
const count: Check = (value) => (/^\d+$/.test(value) ? undefined : 'a whole number');
const mac: Check = (value) => (isMac(value) ? undefined : 'six pairs of hexadecimal digits with colons');
const severity: Check = (value) => (/^(?:[1-9]|10)$/.test(value) ? undefined : 'a whole number from 1 to 10');
const protocol: Check = (value) =>
  /^\d+$/.test(value) && !isWhole(value, 0n, 255n) ? 'a keyword or a number from 0 to 255' : undefined;
const truth: Check = (value) => (/^(?:true|false)$/.test(value) ? undefined : 'true or false');
const twoLetters: Check = (value) => (codePoints(value) === 2 ? undefined : 'a code of 2 letters');
const name: Check = (value) =>
  codePoints(value) > maxName ? `of at most ${maxName} characters: it has ${codePoints(value)}` : undefined;
const anything: Check = () => undefined;

function keys(check: Check, names: string): [string, Check][] {
  return names.split(' ').map((key) => [key, check]);
}

/** Predefined keys of LEEF 2 with what their values must be. */
const predefined: ReadonlyMap<string, Check> = new Map([
  ...keys(anything, 'cat devTime devTimeFormat role realm policy resource url groupID domain'),
  ...keys(protocol, 'proto'),
  ...keys(severity, 'sev'),
  ...keys(address, 'src dst srcPreNAT dstPreNAT srcPostNAT dstPostNAT identSrc vSrc identSecondlp'),
  ...keys(port, 'srcPort dstPort srcPreNATPort dstPreNATPort srcPostNATPort dstPostNATPort'),
  ...keys(mac, 'srcMAC dstMAC identMAC'),
  ...keys(name, 'usrName identHostName identNetBios identGrpName vSrcName accountName'),
  ...keys(count, 'srcBytes dstBytes srcPackets dstPackets totalPackets'),
  ...keys(truth, 'isLoginEvent isLogoutEvent'),
  ...keys(twoLetters, 'calLanguage calCountryOrRegion'),
]);

const reserved: ReadonlySet<string> = new Set(
  'identMAC isLoginEvent isLogoutEvent identSecondlp calLanguage calCountryOrRegion'.split(' '),
);

/** True of a key whose meaning the format gives. */
export function isPredefined(key: string): boolean {
  return predefined.has(key);
}

/** Returns what is wrong with an attribute by the rules of its key; undefined for a good one and for own keys. */
export function checkAttribute(key: string, value: string): Finding | undefined {
  const expected = predefined.get(key)?.(value);
  if (expected !== undefined) return error(key, rule, `${quoted(value)} is not ${expected}`);
  return reserved.has(key) ? error(key, rule, 'is reserved, and not to be sent') : undefined;
}
