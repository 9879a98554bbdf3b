import { z } from 'zod';
import { parseDuration } from '../fields/duration.ts';
import type { OverlapBounds } from '../sources/overlap.ts';
import type { Schedule } from '../sources/scheduler.ts';
import {
  everyOption,
  type SourceType,
  sourceOptions,
  usualEvery,
  withSourceRules,
} from '../sources/source-type.ts';
import { name } from './name.ts';

/** The type of a source that names none: Microsoft's current API (API reference §1.1). */
export const defaultSourceType = 'graph-alerts';

const common = z.strictObject({
  name,
  tenant: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe(
      'Name of the tenant to read. With the name of a group, or a list of names, it stands for a source of each of these tenants, named `alerts@contoso`.',
    ),
  ...sourceOptions.shape,
});

/** A source, as the program sees it: durations are milliseconds. */
export interface SourceConfig {
  readonly name: string;
  readonly type: string;
  readonly tenant: string;
  /** The name in the file, where that stands for a source of each of several tenants. */
  readonly group?: string | undefined;
  readonly schedule: Schedule;
  /** How closely a source keeps to `every`. */
  readonly pace: 'adaptive' | 'fixed';
  readonly sinceMs: number;
  /** A fixed overlap has the same bound twice. */
  readonly overlap: OverlapBounds;
  readonly settleMs: number;
  readonly updates: 'all' | 'new';
  /** What `SourceType.options` made of the keys that only this type takes. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What `type` names. */
  readonly part: SourceType;
}

/** An entry of `sources`, of one tenant or of several. */
export type SourceEntry = Omit<SourceConfig, 'tenant' | 'group'> & {
  readonly tenant: string | readonly string[];
};

/** Returns the schema of a source of this type: the keys of every source, and the type's own. */
export function sourceSchema(type: SourceType) {
  const literal = z.literal(type.type);
  const every = `Time between two reads, or \`cron\`; with neither, ${type.defaultEvery ?? usualEvery}.`;
  const whole = type.options.safeExtend({
    ...common.shape,
    every: everyOption.optional().describe(every),
    type: type.type === defaultSourceType ? literal.optional().meta({ default: type.type }) : literal,
  });
  return withSourceRules(whole).transform((value): SourceEntry => {
    const source = value as z.output<typeof common> & Readonly<Record<string, unknown>>;
    return {
      name: source.name,
      type: type.type,
      tenant: source.tenant,
      schedule: scheduleOf(source.every, source.cron, type),
      pace: source.pace,
      sinceMs: source.since,
      overlap: source.overlap,
      settleMs: source.settle,
      updates: source.updates,
      options: Object.fromEntries(Object.entries(source).filter(([key]) => key in type.options.shape)),
      part: type,
    };
  });
}

function scheduleOf(every: number | undefined, cron: string | undefined, type: SourceType): Schedule {
  if (cron !== undefined) return { cron };
  const everyMs = every ?? parseDuration(type.defaultEvery ?? usualEvery);
  if (everyMs === undefined) throw new TypeError(`source type ${type.type}: defaultEvery is no duration`);
  return { everyMs };
}
