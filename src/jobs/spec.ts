import { z } from 'zod';
import { type Instant, parseInstant } from '../fields/instant.ts';
import type { StoredJob } from '../store/store.ts';

const instant = z.string().transform((text, context): Instant => {
  const parsed = parseInstant(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'is no time' });
  return z.NEVER;
});
const count = z.number().int().min(0);

/** What a replay is to send again. The number is the version of the text: a later release reads what this one wrote. */
export const replaySpec = z.strictObject({
  version: z.literal(1),
  sink: z.string(),
  /** The arguments of the command, by which it is known again when it is given once more. */
  asked: z.string(),
  /** Only of these sources; undefined for all. */
  sources: z.array(z.string()).optional(),
  /** The sink's dead letters, in place of journal rows. */
  deadLetters: z.boolean(),
  /** True sends also what no route leads to the sink. */
  allRoutes: z.boolean(),
  /** Accepted at or after this, ms since 1970. */
  sinceMs: z.number().optional(),
  /** Accepted before this, ms since 1970. */
  untilMs: z.number().optional(),
  /** Journal positions: behind `after`, up to `through`, which the sink had passed when the replay was asked for. */
  after: count,
  through: count,
});
export type ReplaySpec = z.output<typeof replaySpec>;

/** How far a replay is: all up to `position` is settled. */
export const replayCursor = z.strictObject({
  version: z.literal(1),
  position: count,
  sent: count,
  /** Refused, or not writable: dead letters. */
  refused: count,
});
export type ReplayCursor = z.output<typeof replayCursor>;

/** Which span of a source is to be read. */
export const backfillSpec = z.strictObject({
  version: z.literal(1),
  source: z.string(),
  asked: z.string(),
  from: instant,
  /** Not included. */
  to: instant,
});
export type BackfillSpec = z.output<typeof backfillSpec>;

/** How far a backfill is: all updated before `upTo` is accepted. */
export const backfillCursor = z.strictObject({
  version: z.literal(1),
  upTo: instant,
  read: count,
  accepted: count,
  repeated: count,
  /** Spans that were set aside, because the API keeps failing for them. */
  gaps: count,
});
export type BackfillCursor = z.output<typeof backfillCursor>;

/** A job with what is to be done, read. */
export type Job =
  | { readonly kind: 'replay'; readonly stored: StoredJob; readonly spec: ReplaySpec }
  | { readonly kind: 'backfill'; readonly stored: StoredJob; readonly spec: BackfillSpec };

/** Returns what a stored job is to do; undefined when a later release wrote it. */
export function readJob(stored: StoredJob): Job | undefined {
  if (stored.kind === 'replay') {
    const spec = readText(replaySpec, stored.spec);
    return spec === undefined ? undefined : { kind: 'replay', stored, spec };
  }
  const spec = readText(backfillSpec, stored.spec);
  return spec === undefined ? undefined : { kind: 'backfill', stored, spec };
}

/** Returns a cursor or a spec from its text; undefined for none, or one of a later release. */
export function readText<Schema extends z.ZodType>(
  schema: Schema,
  text: string | undefined,
): z.output<Schema> | undefined {
  if (text === undefined) return undefined;
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
