import { z } from 'zod';
import { parseDuration } from '../fields/duration.ts';
import { pace, type SourceType, sourceOptions, usualEvery, withSourceRules } from '../sources/source-type.ts';
import { name } from './name.ts';

/** The type of a source that names none: Microsoft's current API (API reference §1.1). */
export const defaultSourceType = 'graph-alerts';

const common = z.strictObject({
  name,
  tenant: z.string().describe('Name of the tenant to read.'),
  ...sourceOptions.shape,
});

/** When a source is read: every so many ms, or at the times of a cron expression. */
export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly expression: string };

/** A source, as the program sees it: durations are milliseconds. */
export interface SourceConfig {
  readonly name: string;
  readonly type: string;
  readonly tenant: string;
  readonly schedule: Schedule;
  readonly sinceMs: number;
  readonly overlapMs: number;
  readonly settleMs: number;
  readonly updates: 'all' | 'new';
  /** Undefined: as many as the API takes. */
  readonly pageSize: number | undefined;
  /** What `SourceType.options` made of the keys that only this type takes, `pageSize` too where it has its own. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Returns the schema of a source of this type: the keys of every source, and the type's own. */
export function sourceSchema(type: SourceType) {
  const literal = z.literal(type.type);
  const shared = Object.entries(common.shape).filter(([key]) => !(key in type.options.shape));
  const every = `Time between two reads, or \`cron\`; with neither, ${type.defaultEvery ?? usualEvery}.`;
  const whole = type.options.safeExtend({
    ...Object.fromEntries(shared),
    every: pace.optional().describe(every),
    type: type.type === defaultSourceType ? literal.optional().meta({ default: type.type }) : literal,
  });
  return withSourceRules(whole).transform((value): SourceConfig => {
    const source = value as z.output<typeof common> & Readonly<Record<string, unknown>>;
    return {
      name: source.name,
      type: type.type,
      tenant: source.tenant,
      schedule: scheduleOf(source.every, source.cron, type),
      sinceMs: source.since,
      overlapMs: source.overlap,
      settleMs: source.settle,
      updates: source.updates,
      pageSize: source.pageSize,
      options: Object.fromEntries(Object.entries(source).filter(([key]) => key in type.options.shape)),
    };
  });
}

function scheduleOf(every: number | undefined, cron: string | undefined, type: SourceType): Schedule {
  if (cron !== undefined) return { kind: 'cron', expression: cron };
  const everyMs = every ?? parseDuration(type.defaultEvery ?? usualEvery);
  if (everyMs === undefined) throw new TypeError(`source type ${type.type}: defaultEvery is no duration`);
  return { kind: 'every', everyMs };
}
