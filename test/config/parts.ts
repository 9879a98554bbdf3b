import { z } from 'zod';
import type { ConfigParts } from '../../src/config/schema.ts';
import { filePath } from '../../src/fields/path.ts';
import { secret } from '../../src/fields/secret.ts';
import { tlsOptions } from '../../src/fields/tls.ts';
import type { Format } from '../../src/formats/format.ts';
import type { SinkType } from '../../src/sinks/sink.ts';
import type { SourceType } from '../../src/sources/source-type.ts';

function neverCalled(): never {
  throw new Error('a configuration is read without opening anything');
}

function sinkType(type: string, options: z.ZodObject, defaultFormat: string): SinkType {
  return { type, options, defaultFormat, create: neverCalled };
}

function format(name: string, options: z.ZodType = z.strictObject({})): Format {
  return { name, options, contentType: 'text/plain', fields: [], create: neverCalled };
}

function sourceType(type: string, options: z.ZodObject, rest: { defaultEvery?: string } = {}): SourceType {
  return { type, options, recordKind: 'alert', api: 'defender', permissions: [], open: neverCalled, ...rest };
}

const filter = z
  .strictObject({ severity: z.array(z.enum(['low', 'medium', 'high'])).optional() })
  .prefault({});

/** Parts with one of each shape that a real part's options have, so that these tests follow no part's changes. */
export const parts: ConfigParts = {
  sinkTypes: [
    sinkType(
      'socket',
      z.strictObject({
        host: z.string().min(1),
        port: z.number().int().min(1).max(65_535).default(6514),
        rfc: z.union([z.literal(5424), z.literal(3164)]).default(5424),
        facility: z
          .union([z.literal('local0'), z.number()], { error: 'must be a facility such as local0' })
          .default('local0'),
        tls: tlsOptions.optional(),
      }),
      'leef',
    ),
    sinkType(
      'web',
      z.strictObject({
        url: z.url({ protocol: /^https$/ }).describe('Where to post.'),
        token: secret.optional(),
        acknowledge: z.boolean().default(false),
        headers: z.record(z.string(), secret).default({}),
        auth: z
          .union([
            z.literal('none'),
            z.strictObject({ bearer: secret }),
            z.strictObject({ basic: z.strictObject({ username: z.string(), password: secret }) }),
          ])
          .default('none'),
      }),
      'json',
    ),
    sinkType('disk', z.strictObject({ path: filePath.describe('The file to write.') }), 'json'),
  ],
  formats: [
    format('json'),
    format('cef'),
    format('leef', z.strictObject({ version: z.enum(['1.0', '2.0']).default('2.0') }).prefault({})),
  ],
  sourceTypes: [
    sourceType('graph-alerts', z.strictObject({ filter, pageSize: z.number().max(1000).default(500) })),
    sourceType('detections', z.strictObject({ region: z.enum(['eu', 'us', 'uk']).optional() }), {
      defaultEvery: '1m',
    }),
  ],
  profiles: [],
};
