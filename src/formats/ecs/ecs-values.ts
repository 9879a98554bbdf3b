import type { File, Registry, SecurityEvent } from '../../event.ts';
import { join } from '../facts.ts';
import { recently } from '../recent.ts';
import { epochMsText, isoText } from '../time-text.ts';

// Values that ECS wants in a form of its own.

const nsPerTick = 100;
const ticksPerMs = 10_000;
/** Where the digits of a second's fraction stand in a time, and those of them that are less than a millisecond. */
const fractionStart = 20;
const ticksStart = fractionStart + 3;
const ticksDigits = 4;

/** When the state that is told was made, else the latest time that the record tells, else when it was taken. */
export function timestamp(event: SecurityEvent): string | undefined {
  const { updated, created, lastActivity, firstActivity, resolved, observed } = event;
  for (const time of [updated, created, lastActivity, firstActivity, resolved, observed]) {
    if (time !== undefined && isoText(time) !== undefined) return time;
  }
  return undefined;
}

/** 29: nanoseconds from the first activity to the last. */
export function duration({ firstActivity, lastActivity }: SecurityEvent): string | undefined {
  if (firstActivity === undefined || lastActivity === undefined) return undefined;
  const first = momentOf(firstActivity);
  const last = momentOf(lastActivity);
  if (first === undefined || last === undefined) return undefined;
  const ticks = (last.ms - first.ms) * ticksPerMs + last.ticks - first.ticks;
  if (ticks < 0) return undefined;
  const ns = ticks * nsPerTick;
  return String(Number.isSafeInteger(ns) ? ns : BigInt(ticks) * BigInt(nsPerTick));
}

/** A time as milliseconds since 1970 and units of 100 ns beyond them. */
function momentOf(time: string): { readonly ms: number; readonly ticks: number } | undefined {
  const iso = isoText(time);
  const ms = epochMsText(iso);
  if (iso === undefined || ms === undefined) return undefined;
  const digits = iso.slice(ticksStart, ticksStart + ticksDigits).replace('Z', '');
  return { ms: Number(ms), ticks: digits === '' ? 0 : Number(digits.padEnd(ticksDigits, '0')) };
}

/** The values of `host.os.type`, by how platforms begin or what they hold. */
const osTypes: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/^windows/i, 'windows'],
  [/^mac|^os ?x/i, 'macos'],
  [/^ios|^ipados/i, 'ios'],
  [/^android/i, 'android'],
  [/linux|ubuntu|debian|centos|red ?hat|rhel|suse|sles|fedora|alma|rocky/i, 'linux'],
  [/unix|solaris|aix|bsd/i, 'unix'],
];

/** 39: the kind of operating system in ECS's words. */
export function osType({ device }: SecurityEvent): string | undefined {
  return device?.os === undefined ? undefined : typeOfOs(device.os);
}

const typeOfOs = recently((os) => osTypes.find(([pattern]) => pattern.test(os))?.[1], 64);

/** 50: the folder of a file. */
export function directory(file: File | undefined): string | undefined {
  const { name, path, folder } = file ?? {};
  if (path === undefined || name === undefined || !path.endsWith(name)) return folder;
  const end = path.length - name.length - 1;
  return end < 1 ? folder : path.slice(0, end);
}

/** What follows the last dot of a file's name, in lower case. */
export function extension(file: File | undefined): string | undefined {
  const name = file?.name;
  const dot = name?.lastIndexOf('.') ?? -1;
  return name === undefined || dot < 1 ? undefined : name.slice(dot + 1).toLowerCase();
}

const transports: readonly string[] = ['tcp', 'udp', 'icmp', 'ipv6-icmp', 'sctp', 'gre', 'esp', 'ah', 'igmp'];

/** 63: the protocol as that of the transport, or not. */
export function protocol(event: SecurityEvent, transport: boolean): string | undefined {
  const found = event.network?.protocol?.toLowerCase();
  return found !== undefined && transports.includes(found) === transport ? found : undefined;
}

const url =
  /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/i;

/** 64: a part of the URL; undefined where it has none, or is no URL with a host. */
export function urlPart({ url: told }: SecurityEvent, part: keyof UrlParts): string | undefined {
  return told === undefined ? undefined : partsOf(told)[part];
}

interface UrlParts {
  readonly scheme?: string | undefined;
  readonly domain?: string | undefined;
  readonly port?: string | undefined;
  readonly path?: string | undefined;
  readonly query?: string | undefined;
}

const partsOf = recently((told): UrlParts => {
  const [, scheme, domain, port, path, query] = url.exec(told) ?? [];
  return { scheme: scheme?.toLowerCase(), domain: domain?.toLowerCase(), port, path, query };
}, 64);

const hives: ReadonlyMap<string, string> = new Map([
  ['HKEY_LOCAL_MACHINE', 'HKLM'],
  ['HKEY_CURRENT_USER', 'HKCU'],
  ['HKEY_USERS', 'HKU'],
  ['HKEY_CLASSES_ROOT', 'HKCR'],
  ['HKEY_CURRENT_CONFIG', 'HKCC'],
]);

/** 66: the hive by its short name. */
export function registryHive({ registry }: { readonly registry?: Registry | undefined }): string | undefined {
  const hive = registry?.hive;
  return hive === undefined ? undefined : (hives.get(hive.toUpperCase()) ?? hive);
}

/** 66: the key without its hive. */
export function registryKey({ registry }: { readonly registry?: Registry | undefined }): string | undefined {
  const { hive, key } = registry ?? {};
  if (hive === undefined || key === undefined) return key;
  return key.toUpperCase().startsWith(`${hive.toUpperCase()}\\`) ? key.slice(hive.length + 1) : key;
}

/** 66: hive, key and name of the value. */
export function registryPath(event: { readonly registry?: Registry | undefined }): string | undefined {
  return join('\\', registryHive(event), registryKey(event), event.registry?.valueName);
}

const registryTypes: ReadonlyMap<string, string> = new Map([
  ['string', 'REG_SZ'],
  ['expandstring', 'REG_EXPAND_SZ'],
  ['multistring', 'REG_MULTI_SZ'],
  ['binary', 'REG_BINARY'],
  ['dword', 'REG_DWORD'],
  ['qword', 'REG_QWORD'],
  ['none', 'REG_NONE'],
]);

/** 67: the type of a value as Windows names it. */
export function registryType({ registry }: { readonly registry?: Registry | undefined }): string | undefined {
  const type = registry?.valueType;
  return type === undefined ? undefined : (registryTypes.get(type.toLowerCase()) ?? type);
}

/** 71: without the angle brackets of the header. */
export function messageId(id: string | undefined): string | undefined {
  return id?.startsWith('<') && id.endsWith('>') ? id.slice(1, -1) : id;
}

/** 72: `inbound`, `outbound` or `internal`; undefined for others. */
export function mailDirection(direction: string | undefined): string | undefined {
  const word = direction?.toLowerCase();
  switch (word) {
    case 'inbound':
    case 'outbound':
      return word;
    case 'intraorg':
    case 'intra-org':
    case 'internal':
      return 'internal';
    default:
      return undefined;
  }
}

/** 62: a country's two letters. */
export function countryCode(event: SecurityEvent, atDestination: boolean): string | undefined {
  const { country, remoteIsDestination } = event.network ?? {};
  return remoteIsDestination === atDestination && country !== undefined && /^[A-Za-z]{2}$/.test(country)
    ? country.toUpperCase()
    : undefined;
}
