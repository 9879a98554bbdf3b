import { z } from 'zod';
import type { Severity } from '../event.ts';

/** Defender's severities from the lowest up (formats reference §10.1). */
const severities = [
  'unknown',
  'informational',
  'low',
  'medium',
  'high',
  'critical',
] as const satisfies readonly Severity[];

const atLeast = severities.map((severity) => `${severity}+` as const);

function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .union([item, z.array(item).min(1)])
    .transform((value): z.output<Item>[] => (Array.isArray(value) ? value : [value]));
}

const severity = z
  .union([z.enum([...severities, ...atLeast]), z.array(z.enum(severities)).min(1)])
  .transform((value): readonly Severity[] => {
    if (Array.isArray(value)) return value;
    if (!value.endsWith('+')) return severities.filter((each) => each === value);
    return severities.slice(severities.findIndex((each) => value === `${each}+`));
  });

const glob = z.string().min(1);

/** Which events a route takes: all conditions must hold, each by one of its values. */
const where = z.strictObject({
  tenant: listOf(glob).optional().describe('Name of the tenant, or of a group of tenants; a name or a list.'),
  severity: severity
    .optional()
    .describe(
      '`medium+` for medium and above, one severity, or a list of them; `unknown` is below all others.',
    ),
  status: listOf(glob).optional().describe('Status as sent, such as `new`; a word or a list.'),
  deviceGroup: listOf(glob).optional().describe('Device group; a name or a list.'),
  category: listOf(glob).optional().describe('Category, such as `Malware`; a word or a list.'),
  serviceSource: listOf(glob)
    .optional()
    .describe('Product, such as `microsoftDefenderForEndpoint`; a word or a list.'),
  title: listOf(glob).optional().describe('Title; a text or a list.'),
});

/** Which sources' events go to which sinks. */
export const route = z.strictObject({
  from: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      "Names of the sources, `connector` for the connector's own events; without it, every source. The name of a source of several tenants means all of them.",
    ),
  to: z.array(z.string()).min(1).describe('Names of the sinks.'),
  where: where
    .prefault({})
    .describe(
      'Which events; without it, all. Every condition must hold, each by one of its values; letter case does not count, `*` stands for any text and `?` for a character. An event without such a value does not match.',
    ),
});

/** A route, as the program sees it: every condition is a list of which one must match. */
export type RouteConfig = z.output<typeof route>;
