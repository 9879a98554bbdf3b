import { z } from 'zod';
import { duration } from '../../src/fields/duration.ts';
import { evenWhenInvalid } from '../../src/fields/rule.ts';
import { secret } from '../../src/fields/secret.ts';
import { size } from '../../src/fields/size.ts';
import { tlsOptions } from '../../src/fields/tls.ts';
import { proxyUrl } from '../../src/fields/url.ts';
import { gzipLevel } from '../../src/sinks/compression.ts';
import { httpUrl } from '../../src/sinks/http-url.ts';
import { datasetTemplate, namePart } from './data-stream.ts';

/** An address of one node: paths such as `/_bulk` are put behind it. */
const node = httpUrl.refine((text) => URL.parse(text)?.search === '', {
  error: 'must be the address of Elasticsearch alone, without a query',
});

/** Options of the sink type `elastic`. */
export const elasticOptions = z
  .strictObject({
    url: z
      .union([node, z.array(node).min(1)])
      .transform((url): readonly string[] => (typeof url === 'string' ? [url] : url))
      .describe(
        'Elasticsearch: `https://host:9200`, or a list of its nodes, of which the next one is taken when one is out.',
      ),
    apiKey: secret
      .optional()
      .describe('API key, as `encoded` shows it or as `id:api_key`; see api-key.json for what it may do.'),
    basic: z
      .strictObject({
        username: z.string().min(1).describe('User of Elasticsearch.'),
        password: secret.describe("The user's password."),
      })
      .optional()
      .describe('User and password, where there is no API key.'),
    dataset: datasetTemplate
      .optional()
      .describe(
        "Dataset of the data stream `logs-<dataset>-<namespace>`; `{kind}` in it becomes `alert`, `incident`, `event`, `device`, `entity` or `connector`. By default `microsoft_defender.{kind}`; with format `json` the dataset of Elastic's own integration that reads such a record, where there is one.",
      ),
    namespace: namePart.default('default').describe('Namespace of the data stream.'),
    tags: z
      .array(z.string().min(1))
      .default(['forwarded'])
      .describe(
        "`tags` of documents in a format other than `ecs`; `preserve_original_event` makes Elastic's integrations keep the record as it was sent.",
      ),
    maxRequestBytes: size
      .refine((bytes) => bytes >= 10_000, { error: 'must be at least 10000' })
      .prefault(5_000_000)
      .describe('Largest request before compression.'),
    gzip: z.boolean().default(true).describe('Compress requests.'),
    gzipLevel,
    tls: tlsOptions.optional().describe('Whom to trust and who we are.'),
    proxy: proxyUrl.optional().describe('Proxy on the way to Elasticsearch: `http://host:port`.'),
    timeout: duration.prefault('60s').describe('Longest wait for a whole answer.'),
  })
  .superRefine(({ apiKey, basic }, context) => {
    if (apiKey === undefined || basic === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['basic'],
      message: 'must not stand beside `apiKey`: which of the two is meant?',
    });
  }, evenWhenInvalid);

/** Options of the sink type `elastic`, as the program sees them. */
export type ElasticOptions = z.output<typeof elasticOptions>;
