import { isIP } from 'node:net';
import type { Finding } from '../language.ts';
import { codePoints, error, isWhole, quoted } from '../text.ts';

type Check = (value: string) => boolean;

const bit: Check = (value) => value === '0' || value === '1';
const upTo =
  (max: number): Check =>
  (value) =>
    codePoints(value) <= max;
const whole =
  (least: bigint, most: bigint): Check =>
  (value) =>
    isWhole(value, least, most);
const unbounded = 2n ** 63n;

/** Elements that IANA has registered (RFC 5424 §7), with their parameters. */
const elements: ReadonlyMap<
  string,
  { readonly section: string; readonly checks: ReadonlyMap<string, Check> }
> = new Map([
  [
    'timeQuality',
    {
      section: 'RFC 5424 §7.1',
      checks: new Map([
        ['tzKnown', bit],
        ['isSynced', bit],
        ['syncAccuracy', whole(0n, unbounded)],
      ]),
    },
  ],
  [
    'origin',
    {
      section: 'RFC 5424 §7.2',
      checks: new Map<string, Check>([
        ['ip', (value) => isIP(value) !== 0],
        ['enterpriseId', (value) => /^\d+(?:\.\d+)*$/.test(value)],
        ['software', upTo(48)],
        ['swVersion', upTo(32)],
      ]),
    },
  ],
  [
    'meta',
    {
      section: 'RFC 5424 §7.3',
      checks: new Map([
        ['sequenceId', whole(1n, 2_147_483_647n)],
        ['sysUpTime', whole(0n, unbounded)],
        ['language', (value) => /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/.test(value)],
      ]),
    },
  ],
]);

/** SD-IDs without `@` that have a meaning. */
export const ianaIds: ReadonlySet<string> = new Set(elements.keys());

/** Returns what is wrong with the parameters of an element, if it is one of IANA's. */
export function checkIanaElement(
  id: string,
  parameters: readonly (readonly [string, string])[],
): readonly Finding[] {
  const element = elements.get(id);
  if (element === undefined) return [];
  const findings: Finding[] = [];
  const names = new Set<string>();
  for (const [name, value] of parameters) {
    const at = `${id} ${name}`;
    const check = element.checks.get(name);
    if (check === undefined)
      findings.push(
        error(at, element.section, `is no parameter of ${id}: ${[...element.checks.keys()].join(', ')}`),
      );
    else if (!check(value)) findings.push(error(at, element.section, `${quoted(value)} is no value of it`));
    if (name !== 'ip' && names.has(name)) findings.push(error(at, element.section, 'stands twice'));
    names.add(name);
  }
  const synced = parameters.some(([name, value]) => name === 'isSynced' && value === '1');
  if (names.has('syncAccuracy') && !synced) {
    findings.push(error(`${id} syncAccuracy`, element.section, 'stands only where isSynced is 1'));
  }
  return findings;
}
