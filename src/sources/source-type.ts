import { z } from 'zod';
import { duration } from '../fields/duration.ts';
import type { Instant } from '../fields/instant.ts';
import { evenWhenInvalid } from '../fields/rule.ts';
import type { RecordKind, SourceRecord } from '../record.ts';
import { loadPackage } from '../runtime/packages.ts';
import { apiRetentionMs, type ReadPriority, type WindowedApi } from './source.ts';

/** The families of Microsoft's APIs, each with its host, its audience and its limits (API reference §1). */
export type ApiName = 'graph' | 'defender' | 'siem';

/** Makes authorised requests to one API of one tenant, within its limits. */
export interface ApiReader {
  /** Resolves with a whole answer; throws a `ConnectorError` when there is none after the client's own retries. */
  get(
    url: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly priority: ReadPriority;
      readonly signal: AbortSignal;
      /** True for a call that gives up early. */
      readonly brief?: boolean;
    },
  ): Promise<ReadAnswer>;
}

/** A whole answer of an API. */
export interface ReadAnswer {
  readonly bytes: Uint8Array;
  /** Their text. */
  readonly body: string;
  /** True when the API says that a provider behind it did not answer. */
  readonly partial: boolean;
  /** The API's own clock when it answered; undefined when it does not tell. */
  readonly asOf?: Instant | undefined;
  /** Gives the memory of the answer back: its bytes are nothing from then on. */
  release(): void;
}

/** What a source is handed beside its options. */
export interface SourceContext {
  /** The API's origin, `https://host`. */
  readonly origin: string;
  readonly reader: ApiReader;
}

/** An opened source: its API, and which of its records the configuration wants. */
export interface OpenSource {
  readonly api: WindowedApi;
  /**
   * The same records by id and version alone, where the API can leave the rest out: for an audit. Undefined where it
   * cannot, or where `wanted` needs the rest.
   */
  readonly sweep?: WindowedApi | undefined;
  /** False for a record that the configuration leaves out and the API could not be asked to leave out. */
  wanted(record: SourceRecord): boolean;
}

/** A kind of source: its `type` in the configuration, and the schema of what is special to it. */
export interface SourceType<Options extends z.ZodObject = z.ZodObject> {
  readonly type: string;
  /** A strict object of what only this type takes, such as `filter` or `pageSize`. */
  readonly options: Options;
  readonly recordKind: RecordKind;
  readonly api: ApiName;
  /** Application permissions that let it be read, the least first; none for the SIEM API, which checks the app itself. */
  readonly permissions: readonly string[];
  /** How often it is read where neither `every` nor `cron` is given, as written in the file; `30s` when absent. */
  readonly defaultEvery?: string;
  /** Returns the source ready to be read. */
  open(options: z.output<Options>, context: SourceContext): OpenSource;
}

/** How often a source is read where nothing says otherwise: 2 calls a minute, of 100 and more (API reference §1.4). */
export const usualEvery = '30s';

const cron = z.string().superRefine((text, context) => {
  const { validateDetailed } = loadPackage('node-cron') as typeof import('node-cron');
  const result = validateDetailed(text);
  if (result.valid) return;
  const reasons = result.errors.map((error) => error.message).join('; ');
  context.addIssue({
    code: 'custom',
    message: `is not a schedule${reasons === '' ? '' : ` (${reasons})`}: write five fields, or six with seconds first, such as */30 * * * * *`,
  });
});

/** The time between two reads of a source; more often would spend any API's quota. */
export const everyOption = duration.refine((ms) => ms >= 1000, { error: 'must be at least 1s' });

/** An overlap in the file: a span for always, or the bounds of one that follows how late records come. */
const overlap = z
  .union([
    duration,
    z
      .strictObject({
        min: duration.prefault('15m').describe('The overlap while nothing comes later; never less.'),
        max: duration.prefault('2h').describe('It never grows beyond this: what is later, the audit finds.'),
      })
      .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be shorter than `min`' }),
  ])
  .transform((value) =>
    typeof value === 'number' ? { minMs: value, maxMs: value } : { minMs: value.min, maxMs: value.max },
  );

/** What every source takes beside its name, type and tenant. */
export const sourceOptions = z.strictObject({
  every: everyOption
    .optional()
    .describe('Time between two reads, or `cron`; with neither, the default of the type.'),
  cron: cron.optional().describe('Schedule, five fields, or six with seconds first; in place of `every`.'),
  pace: z
    .enum(['adaptive', 'fixed'])
    .default('adaptive')
    .describe(
      "`adaptive` reads sooner than `every` while something new comes: at most ten times as often, and all sources together with at most half of the API's quota; and later where the quota would not last. `fixed` keeps to `every`.",
    ),
  since: duration
    .refine((ms) => ms <= apiRetentionMs, {
      error: 'must be at most 180d: Microsoft keeps alerts no longer',
    })
    .prefault('24h')
    .describe('How far back the first read reaches; at most 180d, for which Microsoft keeps alerts.'),
  overlap: overlap
    .prefault({})
    .describe(
      'How far back behind the watermark is read again, for records that arrive late: held between these bounds at what is measured, or one duration for always. Where much comes, each read takes the near part again, and the whole is read every fifth of it.',
    ),
  settle: duration
    .prefault('0s')
    .describe(
      'How young a record must not be to be read: `0s` takes it as soon as the API shows it. What it shows later is read by the `overlap` in any case.',
    ),
  updates: z
    .enum(['all', 'new'])
    .default('all')
    .describe('`all` delivers later states of a known record too, `new` only its first.'),
});

/** Adds the rules between keys that every source keeps: one schedule, and `settle` below `overlap`. */
export function withSourceRules<Schema extends z.ZodObject>(schema: Schema): Schema {
  return schema.superRefine((value, context) => {
    const { every, cron, settle, overlap }: Record<string, unknown> = value;
    if (every !== undefined && cron !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['cron'],
        message: 'stands beside `every`: keep one of them',
      });
    }
    const { minMs } = typeof overlap === 'object' && overlap !== null && 'minMs' in overlap ? overlap : {};
    if (typeof settle === 'number' && typeof minMs === 'number' && settle >= minMs) {
      context.addIssue({
        code: 'custom',
        path: ['settle'],
        message: 'must be shorter than `overlap`, or every read would be empty',
      });
    }
  }, evenWhenInvalid);
}
