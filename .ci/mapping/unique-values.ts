/** Kinds of value that a specimen asks for with `$kind`; each is unlike all others of its record, and right for its type. */
const makers: Readonly<Record<string, (at: string, number: number) => string>> = {
  text: (at) => `text-${at}`,
  word: (at) => `word${at}`,
  digits: (at) => at,
  // Ever later, so that the end of a span comes after its start.
  time: (at, number) =>
    `2026-${twoDigits(1 + (Math.floor(number / 27) % 12))}-${twoDigits(1 + (number % 27))}T10:${twoDigits(number % 60)}:07.${at}123Z`,
  ip: (_at, number) => `${20 + (number >> 8)}.${number & 255}.45.6`,
  ip6: (at) => `2001:db8::${at}:1`,
  guid: (at) => `0000${at}-aaaa-4bbb-8ccc-0123456789ab`,
  md5: (at) => `${at}${'5d'.repeat(14)}`,
  sha1: (at) => `${at}${'a1'.repeat(18)}`,
  sha256: (at) => `${at}${'b2'.repeat(30)}`,
  sid: (at) => `S-1-5-21-1000-2000-3000-${at}`,
  host: (at) => `host${at}.corp${at}.example`,
  mail: (at) => `user${at}@dom${at}.example`,
  file: (at) => `file${at}.exe`,
  path: (at) => `C:\\folder${at}`,
  url: (at, number) => `https://web${at}.example:${8000 + number}/path?q=${at}#f${at}`,
  key: (at) => `HKEY_LOCAL_MACHINE\\SOFTWARE\\Key${at}`,
};

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** Returns a copy of a record in which every `$kind` is a value of its own: `$number` and `$port` a number. */
export function filled<Value>(template: Value): Value {
  let number = 0;
  const fill = (text: string): unknown => {
    if (text === '$number') return 1_000_000 + ++number * 7;
    if (text === '$port') return 20_000 + ++number;
    return text.replaceAll(/\$([a-z]\w*)/g, (whole, kind: string) => {
      const make = makers[kind];
      number++;
      return make === undefined ? whole : make(String(number).padStart(4, '0'), number);
    });
  };
  const copy = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)]));
  };
  return copy(template) as Value;
}

/** Words that stand for one another: what a choice is changed to, so that it stays a choice. */
const otherWords: Readonly<Record<string, string>> = {
  high: 'low',
  medium: 'high',
  new: 'resolved',
  inprogress: 'resolved',
  active: 'resolved',
  truepositive: 'falsePositive',
  malware: 'phishing',
  execution: 'Persistence',
  suspicious: 'malicious',
  prevented: 'detected',
  remediated: 'active',
  tcp: 'Udp',
  inbound: 'Outbound',
  blocked: 'Delivered',
  windows11: 'Linux',
  azure: 'Aws',
  microsoftdefenderforendpoint: 'microsoftDefenderForIdentity',
  processcreated: 'OpenProcess',
};

/** Returns another value of the same type. */
export function changed(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return value;
  const word = otherWords[value.toLowerCase()];
  if (word !== undefined) return word;
  if (/^2026-/.test(value)) return value.replace('2026-', '2027-');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(value)) return value.replace(/^\d+/, '61');
  if (!/\d{4}/.test(value)) return `${value}X`;
  return value.replaceAll(/\d{4}/g, (digits) => String((Number(digits) + 1111) % 10_000).padStart(4, '0'));
}

/** Returns the texts that a value may be written as: as it is, and a time as milliseconds, seconds, or cut. */
export function renderingsOf(value: unknown): readonly string[] {
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'string' || value === '') return [];
  if (!/^2026-\d\d-\d\dT/.test(value)) return [value.toLowerCase()];
  const ms = Date.parse(value);
  return [
    value.toLowerCase(),
    String(ms),
    new Date(ms).toISOString().toLowerCase(),
    value.slice(0, 19).toLowerCase(),
  ];
}
