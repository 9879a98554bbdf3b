import { Distinct } from './distinct.ts';
import { recently } from './recent.ts';

/** A tactic of MITRE ATT&CK. */
export interface Tactic {
  readonly id: string;
  readonly name: string;
}

/** Techniques by their ids as ATT&CK writes them; others are no techniques. */
export interface Techniques {
  /** `T1003`, also for each of its sub-techniques; each once. */
  readonly techniques: readonly string[];
  /** `T1003.001`; each once. */
  readonly subtechniques: readonly string[];
}

/** ATT&CK's tactics by Defender's words for them (formats reference §11.5). */
const tactics: ReadonlyMap<string, Tactic> = new Map([
  ['Reconnaissance', { id: 'TA0043', name: 'Reconnaissance' }],
  ['ResourceDevelopment', { id: 'TA0042', name: 'Resource Development' }],
  ['InitialAccess', { id: 'TA0001', name: 'Initial Access' }],
  ['Execution', { id: 'TA0002', name: 'Execution' }],
  ['Persistence', { id: 'TA0003', name: 'Persistence' }],
  ['PrivilegeEscalation', { id: 'TA0004', name: 'Privilege Escalation' }],
  ['DefenseEvasion', { id: 'TA0005', name: 'Defense Evasion' }],
  ['CredentialAccess', { id: 'TA0006', name: 'Credential Access' }],
  ['Discovery', { id: 'TA0007', name: 'Discovery' }],
  ['LateralMovement', { id: 'TA0008', name: 'Lateral Movement' }],
  ['Collection', { id: 'TA0009', name: 'Collection' }],
  ['Exfiltration', { id: 'TA0010', name: 'Exfiltration' }],
  ['CommandAndControl', { id: 'TA0011', name: 'Command and Control' }],
  ['Impact', { id: 'TA0040', name: 'Impact' }],
]);

/** Returns the tactic that a category is; undefined for a category that is none. */
export function tacticOf(category: string | undefined): Tactic | undefined {
  return category === undefined ? undefined : tactics.get(category);
}

interface Technique {
  readonly parent: string;
  readonly sub: string | undefined;
}

const pattern = /^(T\d{4})(\.\d{3})?$/;
const none: Techniques = { techniques: [], subtechniques: [] };

/** Returns the technique that an id names; undefined for what is none. The same few are told again and again. */
const techniqueOf = recently((id): Technique | undefined => {
  const [sub, parent, suffix] = pattern.exec(id.trim()) ?? [];
  return parent === undefined ? undefined : { parent, sub: suffix === undefined ? undefined : sub };
}, 256);

/** Sorts techniques from sub-techniques, which bring along what they belong to. */
export function techniquesOf(ids: readonly string[]): Techniques {
  if (ids.length === 0) return none;
  const techniques = new Distinct();
  const subtechniques = new Distinct();
  for (const id of ids) {
    const found = techniqueOf(id);
    techniques.add(found?.parent);
    subtechniques.add(found?.sub);
  }
  return { techniques: techniques.values, subtechniques: subtechniques.values };
}
