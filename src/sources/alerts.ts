import { z } from 'zod';
import { ConnectorError } from '../errors.ts';
import { recordOf } from '../normalise/index.ts';
import { AnsweredPage } from './answered-page.ts';
import { anyOf, concernsWantedDevice, deviceFilter } from './filter.ts';
import type { Window, WindowedApi } from './source.ts';
import type { SourceType } from './source-type.ts';

/** A page of alerts with evidence is some 4 MB: more would cost memory, and save few calls. */
const usualPageSize = 1000;
/** Without evidence an alert is some 1.5 KB. */
const sweepPageSize = 4000;

const options = z.strictObject({
  filter: z
    .strictObject({
      severity: z.array(z.enum(['UnSpecified', 'Informational', 'Low', 'Medium', 'High'])).optional(),
      status: z.array(z.enum(['Unknown', 'New', 'InProgress', 'Resolved'])).optional(),
      ...deviceFilter,
    })
    .prefault({})
    .describe('Which alerts are wanted; severity and status are asked of the API.'),
  pageSize: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(usualPageSize)
    .describe('Alerts asked for in one call; the API gives 10,000 at most.'),
});

/** Alerts of Defender for Endpoint with their evidence, through `/api/alerts` (API reference §4). */
export const alerts: SourceType<typeof options> = {
  type: 'alerts',
  recordKind: 'alert',
  api: 'defender',
  permissions: ['Alert.Read.All', 'Alert.ReadWrite.All'],
  options,
  open({ filter, pageSize }, { origin, reader }) {
    const pushedDown = [anyOf('severity', filter.severity), anyOf('status', filter.status)];
    const page = ({ from, to }: Window, ask: string, skip: number) => {
      const conditions = [`lastUpdateTime ge ${from}`, `lastUpdateTime lt ${to}`, ...pushedDown];
      const wanted = conditions.filter((condition) => condition !== undefined).join(' and ');
      const query = `$filter=${encodeURIComponent(wanted)}&${ask}`;
      return `${origin}/api/alerts?${query}${skip === 0 ? '' : `&$skip=${skip}`}`;
    };
    const pages = (pageSize: number, expand: string): WindowedApi => {
      return {
        pageSize,
        furthestSkip: 10_000,
        async read(request, signal) {
          const { window, priority, brief = false, bare = false } = request;
          const top = Math.min(request.pageSize ?? pageSize, pageSize);
          const ask = `${bare ? '' : expand}$top=${top}`;
          const asked = request.link ?? page(window, ask, request.skip ?? 0);
          const answer = await reader.get(asked, { priority, signal, brief });
          // The API gives no next link where `$top` is asked for: a full page is followed by the one behind it.
          const skipped = Number(new URL(asked).searchParams.get('$skip') ?? 0);
          return new AnsweredPage('alert', answer, ({ count, nextLink }) => ({
            next: nextLink ?? (count >= top ? page(window, ask, skipped + top) : undefined),
            cut: false,
          }));
        },
        /** A single alert comes with its evidence (API reference §4.1). */
        async readOne(id, priority, signal) {
          const url = `${origin}/api/alerts/${encodeURIComponent(id)}`;
          try {
            const answer = await reader.get(url, { priority, signal, brief: true });
            return recordOf('alert', answer.body);
          } catch (error) {
            if (error instanceof ConnectorError && error.status === 404) return undefined;
            throw error;
          }
        },
      };
    };
    const { deviceGroups = [], deviceTags = [] } = filter;
    // A device may be known by the evidence alone.
    const needsEvidence = deviceGroups.length > 0 || deviceTags.length > 0;
    return {
      wanted: concernsWantedDevice(filter),
      api: pages(pageSize, '$expand=evidence&'),
      sweep: needsEvidence ? undefined : pages(sweepPageSize, ''),
    };
  },
};
