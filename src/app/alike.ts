import { reasonKind } from '../dispatch/reason-kind.ts';

/** So many findings of one section are told one by one; beyond, those that are well are only counted. */
export const mostTold = 20;
/** So many that are not well for one reason are told one by one; the others are named in one line. */
const mostAlike = 3;

/** Something that may be not well, and why. */
interface Told {
  readonly name: string;
  readonly healthy: boolean;
  readonly problem: string;
}

/** Which of many findings are told, and which are only named or counted. */
export interface Selection<Each> {
  readonly told: readonly Each[];
  /** The others that are not well: in the same way as one that is told. */
  readonly alike: readonly { readonly as: Each; readonly names: readonly string[] }[];
  /** How many are well and not told. */
  readonly well: number;
}

/**
 * Returns what of many findings a person needs to see: all of a few; of more than `mostTold`, those that are not well,
 * and of those that are so for one reason the first three. `tenantOf` names what else in a reason is each one's own.
 */
export function select<Each extends Told>(
  all: readonly Each[],
  tenantOf: (each: Each) => string,
): Selection<Each> {
  if (all.length <= mostTold) return { told: all, alike: [], well: 0 };
  const ill = all.filter(({ healthy }) => !healthy);
  const groups = Map.groupBy(ill, (each) => problemKind(each.problem, [each.name, tenantOf(each)]));
  return {
    told: [...groups.values()].flatMap((group) => group.slice(0, mostAlike)),
    alike: [...groups.values()].flatMap((group) => {
      const [as] = group;
      const names = group.slice(mostAlike).map(({ name }) => name);
      return as === undefined || names.length === 0 ? [] : [{ as, names }];
    }),
    well: all.length - ill.length,
  };
}

/** Returns what problems of one kind have in common, without the names of those who have them. */
export function problemKind(problem: string, names: readonly string[]): string {
  const nameless = names
    .filter((name) => name !== '')
    .toSorted((one, other) => other.length - one.length)
    .reduce((text, name) => text.replaceAll(wholeWord(name), '#'), problem);
  return reasonKind(nameless);
}

/** A tenant may be called `a`, or `api`. */
function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\w-])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g');
}

/** Returns names as a person reads them: the first ten, and how many more there are. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
