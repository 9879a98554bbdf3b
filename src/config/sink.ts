import { z } from 'zod';
import { duration } from '../fields/duration.ts';
import { evenWhenInvalid } from '../fields/rule.ts';
import { size } from '../fields/size.ts';
import type { Format } from '../formats/format.ts';
import type { SinkType } from '../sinks/sink.ts';
import { name } from './name.ts';
import { profilesOf } from './profiles.ts';
import type { ConfigParts } from './schema.ts';

const batch = z.strictObject({
  maxEvents: z.number().int().min(1).max(100_000).default(500).describe('Events in one batch at most.'),
  maxBytes: size.prefault('1MiB').describe('Bytes of formatted events in one batch, at most.'),
  linger: duration
    .prefault('200ms')
    .describe(
      'How long a batch that is not full waits for more, counted from the batch before it: an event that comes alone is sent at once.',
    ),
});

const retry = z
  .strictObject({
    initial: duration.prefault('1s').describe('Bound of the first wait; it doubles with every failure.'),
    max: duration.prefault('5m').describe('The longest wait between two attempts.'),
  })
  .superRefine(({ initial, max }, context) => {
    if (typeof initial !== 'number' || typeof max !== 'number' || initial <= max) return;
    context.addIssue({ code: 'custom', path: ['initial'], message: 'must not be longer than `max`' });
  }, evenWhenInvalid);

const common = z.strictObject({
  name,
  batch: batch.prefault({}).describe('How many events are delivered at once.'),
  retry: retry.prefault({}).describe('Waits after a failure: random, growing, without an end.'),
});

/** A sink, as the program sees it: durations are milliseconds, sizes bytes. */
export interface SinkConfig {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** What `Format.options` made of the key with the format's name, or of nothing. */
  readonly formatOptions: unknown;
  readonly batch: { readonly maxEvents: number; readonly maxBytes: number; readonly lingerMs: number };
  readonly retry: { readonly initialMs: number; readonly maxMs: number };
  /** What `SinkType.options` made of the keys that only this type takes. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What `type` and `format` name. */
  readonly parts: { readonly type: SinkType; readonly format: Format };
}

/** Returns those formats that have options, and so a key of their own in a sink. */
export function formatsWithOptions(formats: readonly Format[]): readonly Format[] {
  return formats.filter(
    ({ options }) => !(options instanceof z.ZodObject) || Object.keys(options.shape).length > 0,
  );
}

/** Returns the schema of a sink of this type: the keys of every sink, of its formats, and the type's own. */
export function sinkSchema(type: SinkType, { formats, profiles }: Pick<ConfigParts, 'formats' | 'profiles'>) {
  const profileNames = profilesOf(type.type, profiles).map((profile) => profile.name);
  const optionsOf = formatsWithOptions(formats).filter((format) => !(format.name in type.options.shape));
  const whole = type.options.safeExtend({
    ...common.shape,
    type: z.literal(type.type),
    ...(profileNames.length > 0 && {
      profile: z
        .enum(profileNames)
        .optional()
        .describe('Sets what this receiver needs, see *Profiles* below; keys of this sink go before it.'),
    }),
    format: z
      .enum(formats.map((format) => format.name))
      .default(type.defaultFormat)
      .describe('How an event is written.'),
    ...Object.fromEntries(
      optionsOf.map(({ name, options }) => [
        name,
        options
          .optional()
          .describe(`Options of the format \`${name}\`; only where the sink has that format.`),
      ]),
    ),
  });
  return whole.transform((value): SinkConfig => {
    const sink = value as z.output<typeof common> & { format: string } & Readonly<Record<string, unknown>>;
    const format = formats.find((candidate) => candidate.name === sink.format);
    if (format === undefined)
      throw new TypeError(`sink type ${type.type}: there is no format ${sink.format}`);
    return {
      name: sink.name,
      type: type.type,
      format: sink.format,
      formatOptions: sink[sink.format] ?? format.options.parse({}),
      batch: {
        maxEvents: sink.batch.maxEvents,
        maxBytes: sink.batch.maxBytes,
        lingerMs: sink.batch.linger,
      },
      retry: { initialMs: sink.retry.initial, maxMs: sink.retry.max },
      options: Object.fromEntries(Object.entries(sink).filter(([key]) => key in type.options.shape)),
      parts: { type, format },
    };
  });
}
