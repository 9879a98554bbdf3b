import { z } from 'zod';
import { AnsweredPage } from './answered-page.ts';
import { anyOf, concernsWantedDevice, deviceFilter } from './filter.ts';
import type { ReadRequest } from './source.ts';
import type { SourceType } from './source-type.ts';

/** A page of alerts with evidence is some 4 MB: more would cost memory, and save few calls. */
const usualPageSize = 500;

const options = z.strictObject({
  filter: z
    .strictObject({
      severity: z.array(z.enum(['unknown', 'informational', 'low', 'medium', 'high'])).optional(),
      status: z.array(z.enum(['unknown', 'new', 'inProgress', 'resolved'])).optional(),
      serviceSource: z
        .array(z.string().regex(/^[A-Za-z0-9]+$/, 'must be one word, such as microsoftDefenderForEndpoint'))
        .optional()
        .describe('Products, by the name Graph gives them, such as `microsoftDefenderForEndpoint`.'),
      ...deviceFilter,
    })
    .prefault({})
    .describe('Which alerts are wanted; severity, status and serviceSource are asked of the API.'),
  pageSize: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(usualPageSize)
    .describe('Alerts asked for in one call; Graph gives 1000 at most.'),
});

/** Alerts of all Defender products, through Microsoft Graph `/security/alerts_v2` (API reference §6). */
export const graphAlerts: SourceType<typeof options> = {
  type: 'graph-alerts',
  recordKind: 'graph-alert',
  api: 'graph',
  permissions: [
    'SecurityAlert.Read.All',
    'SecurityAlert.ReadWrite.All',
    'SecurityIncident.Read.All',
    'SecurityIncident.ReadWrite.All',
  ],
  options,
  open({ filter, pageSize }, { origin, reader }) {
    const pushedDown = [
      anyOf('severity', filter.severity),
      anyOf('status', filter.status),
      anyOf('serviceSource', filter.serviceSource),
    ];
    const firstPage = ({ window: { from, to }, skip = 0, pageSize: top = pageSize }: ReadRequest) => {
      const conditions = [`lastUpdateDateTime ge ${from}`, `lastUpdateDateTime lt ${to}`, ...pushedDown];
      const wanted = conditions.filter((condition) => condition !== undefined).join(' and ');
      const query = `$filter=${encodeURIComponent(wanted)}&$top=${Math.min(top, pageSize)}`;
      return `${origin}/v1.0/security/alerts_v2?${query}${skip === 0 ? '' : `&$skip=${skip}`}`;
    };
    return {
      wanted: concernsWantedDevice(filter),
      api: {
        pageSize,
        furthestSkip: 500,
        async read(request, signal) {
          const headers = { Prefer: 'include-unknown-enum-members' };
          const { link = firstPage(request), priority, brief = false } = request;
          const answer = await reader.get(link, { headers, priority, signal, brief });
          return new AnsweredPage('graph-alert', answer, ({ nextLink }) => ({ next: nextLink, cut: false }));
        },
      },
    };
  },
};
