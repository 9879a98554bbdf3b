import { readTarGz } from '../tar-reader.ts';
import { appRules } from './app-rules.ts';
import { knowledgeRules } from './knowledge-rules.ts';
import { packageRules } from './package-rules.ts';
import { PackedAddOn, type Rule } from './rule.ts';
import { searchRules } from './search-rules.ts';

/** Splunk's published rules for add-ons, as far as one without code of its own can break them. */
export const rules: readonly Rule[] = [...packageRules, ...appRules, ...knowledgeRules, ...searchRules];

/** Returns what breaks a rule, by default any, in an add-on's package: the rule's name, a colon, and what it is. */
export function lintAddOn(packed: Buffer, kept = rules): readonly string[] {
  const addOn = new PackedAddOn(readTarGz(packed));
  return kept.flatMap((rule) => rule.check(addOn).map((finding) => `${rule.name}: ${finding}`));
}
