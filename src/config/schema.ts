import { z } from 'zod';
import { duration } from '../fields/duration.ts';
import { listenAddress } from '../fields/listen-address.ts';
import { filePath } from '../fields/path.ts';
import { evenWhenInvalid } from '../fields/rule.ts';
import { secret } from '../fields/secret.ts';
import { size } from '../fields/size.ts';
import type { Format } from '../formats/format.ts';
import type { SinkProfile } from '../sinks/profile.ts';
import type { SinkType } from '../sinks/sink.ts';
import type { SourceType } from '../sources/source-type.ts';
import { route } from './route.ts';
import { sinkSchema } from './sink.ts';
import { type SourceConfig, sourceSchema } from './source.ts';
import { type TenantConfig, tenant } from './tenant.ts';

/** What the configuration is assembled from: each part brings the schema of its own options. */
export interface ConfigParts {
  /** The transports and the connectors. */
  readonly sinkTypes: readonly SinkType[];
  readonly formats: readonly Format[];
  readonly sourceTypes: readonly SourceType[];
  /** What single words can set of a sink. */
  readonly profiles: readonly SinkProfile[];
}

/** Where the store is when `store.path` does not say, seen from the configuration's folder. */
export const defaultStorePath = './state.db';

/**
 * Smallest `store.maxBytes`. Below it the write-ahead log, which takes some 16 MiB and the largest page (1000 alerts),
 * could fill the store by itself, and collection would pause with nothing to wait for.
 */
const leastStoreBytes = 64 * 2 ** 20;

const store = z
  .strictObject({
    path: filePath
      .prefault(defaultStorePath)
      .describe('The SQLite file of the journal, watermarks and offsets; on a disk that survives a restart.'),
    postgres: secret.optional().describe('Connection URL of PostgreSQL. Not available in this version.'),
    retention: duration.prefault('7d').describe('How long delivered events can be replayed.'),
    maxBytes: size
      .prefault('10GiB')
      .describe('Size of the store at which collection pauses; at least 64MiB.')
      .refine((bytes) => bytes >= leastStoreBytes, {
        error: 'must be at least 64MiB: the write-ahead log alone takes half of that',
      }),
  })
  .superRefine((value, context) => {
    if (value.postgres === undefined) return;
    const message = 'not available in this version; use store.path';
    context.addIssue({ code: 'custom', path: ['postgres'], message });
  }, evenWhenInvalid);

/** The levels of the log, from the most talkative to none (src/runtime/log.ts). */
const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** Returns the schema of the whole file, the only description of the configuration; the same one for the same parts. */
export function configSchema(parts: ConfigParts): ReturnType<typeof makeSchema> {
  const known = schemas.get(parts)?.deref();
  if (known !== undefined) return known;
  const made = makeSchema(parts);
  schemas.set(parts, new WeakRef(made));
  return made;
}

/** Who runs needs it no more once the file is read. */
const schemas = new WeakMap<ConfigParts, WeakRef<ReturnType<typeof makeSchema>>>();

function makeSchema(parts: ConfigParts) {
  return z.strictObject({
    store: store.prefault({}).describe('Where the state lives.'),
    tenants: z
      .array(tenant)
      .min(1)
      .describe('Entra ID directories, or groups of them, each with its identity.'),
    sources: z
      .array(byType(parts.sourceTypes.map(sourceSchema)))
      .min(1)
      .describe('What is read.'),
    sinks: z
      .array(byType(parts.sinkTypes.map((type) => sinkSchema(type, parts))))
      .min(1)
      .describe('Where events go.'),
    routes: z
      .array(route)
      .default([])
      .describe('Which sources go to which sinks; without any, every source goes to every sink.'),
    audit: z
      .strictObject({
        every: duration.prefault('6h').describe('Time between two audits of a source; `0s` for none.'),
        window: duration
          .prefault('48h')
          .describe(
            'How far an audit reaches back behind the overlap; not before the first read of the source, nor before `store.retention`.',
          ),
      })
      .prefault({})
      .describe(
        'The completeness audit: what the APIs show is compared with what was accepted, and what is missing is fetched.',
      ),
    watch: z
      .strictObject({
        heartbeat: duration
          .prefault('5m')
          .describe(
            'How often `run` sends a numbered heartbeat of each source through the routes; `0s` for none.',
          ),
        blindSpots: z
          .boolean()
          .default(true)
          .describe(
            'Sends an event when the connector cannot see or tell something (a gap, a stall, a lost permission, a sink that takes nothing …), and one when it can again.',
          ),
      })
      .prefault({})
      .describe(
        "The connector's own events, of the source `connector`: with them, a rule in the SIEM can watch the connector.",
      ),
    admin: z
      .strictObject({
        listen: listenAddress
          .prefault('127.0.0.1:9464')
          .describe(
            'Address of /metrics, /livez, /readyz, /status and the status page. There is no password: on an address that others reach, keep a firewall in front.',
          ),
      })
      .optional()
      .describe(
        'The local HTTP server for probes, metrics and the status page; without this section nothing listens.',
      ),
    log: z
      .strictObject({ level: z.enum(logLevels).default('info').describe('The least level that is logged.') })
      .prefault({})
      .describe('Log lines, on standard error.'),
    shutdown: z
      .strictObject({
        grace: duration
          .prefault('10s')
          .describe(
            'The longest time from SIGTERM to the end of the process. Most of it is for delivering; the last fifth (0.5 to 2 s; half of a short one) is kept for closing. What is not delivered waits in the store for the next start. Below 1s, the end may take half a second all the same.',
          ),
      })
      .prefault({})
      .describe('How the program ends.'),
  });
}

/** A file as its schema reads it: groups of tenants are still groups. */
export type ParsedConfig = z.output<ReturnType<typeof configSchema>>;

/**
 * The configuration as the program sees it: durations are milliseconds, sizes bytes, credentials `Secret`; each customer
 * of a group is a tenant, and each source reads one tenant.
 */
export interface Config extends Omit<ParsedConfig, 'tenants' | 'sources'> {
  readonly tenants: readonly TenantConfig[];
  readonly sources: readonly SourceConfig[];
}

/** A union told apart by `type`, so that an error is about the type that was meant. */
function byType<Schema extends z.core.$ZodTypeDiscriminable>(schemas: readonly Schema[]) {
  const [first, ...others] = schemas;
  if (first === undefined)
    throw new TypeError('a configuration needs at least one type of source and of sink');
  return z.discriminatedUnion('type', [first, ...others]);
}
