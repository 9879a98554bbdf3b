import { z } from 'zod';
import { addMs } from '../fields/instant.ts';
import { AnsweredPage } from './answered-page.ts';
import { concernsWantedDevice, deviceFilter } from './filter.ts';
import type { Window } from './source.ts';
import type { SourceType } from './source-type.ts';

/** A thousand detections are some 2 MB. */
const usualPageSize = 1000;
/** Whether the API's bounds are inclusive is not documented: asking 1 ms more on both sides reads both meanings. */
const marginMs = 1;

const options = z.strictObject({
  filter: z
    .strictObject({
      ...deviceFilter,
      deviceCreatedTag: z.string().optional().describe('Only devices with this tag set in their registry.'),
      cloudCreatedTags: z.string().optional().describe('Only devices with these tags set in the portal.'),
    })
    .prefault({})
    .describe('Which detections are wanted; all but deviceTags is asked of the API.'),
  pageSize: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(usualPageSize)
    .describe('Detections taken in one answer (`limit`); a span with more is read in halves.'),
});

/**
 * Detections through the SIEM REST API (API reference §3): one array, no pages. `limit` keeps the newest and cuts the
 * oldest, so an answer that reaches it counts as cut, and the span is read in halves.
 */
export const detections: SourceType<typeof options> = {
  type: 'detections',
  recordKind: 'detection',
  api: 'siem',
  permissions: [],
  defaultEvery: '1m',
  options,
  open({ filter, pageSize }, { origin, reader }) {
    const query = ({ from, to }: Window, limit: number | undefined) => {
      const parameters = new URLSearchParams({
        sinceTimeUtc: addMs(from, -marginMs),
        untilTimeUtc: addMs(to, marginMs),
      });
      if (limit !== undefined) parameters.set('limit', String(limit));
      for (const group of filter.deviceGroups ?? []) parameters.append('machinegroups', group);
      if (filter.deviceCreatedTag !== undefined)
        parameters.set('DeviceCreatedMachineTags', filter.deviceCreatedTag);
      if (filter.cloudCreatedTags !== undefined)
        parameters.set('CloudCreatedMachineTags', filter.cloudCreatedTags);
      return `${origin}/api/alerts?${parameters}`;
    };
    return {
      wanted: concernsWantedDevice({ deviceTags: filter.deviceTags }),
      api: {
        pageSize,
        async read({ window, link, priority, indivisible, brief = false, pageSize: top = pageSize }, signal) {
          const limit = indivisible === true ? undefined : Math.min(top, pageSize);
          const answer = await reader.get(link ?? query(window, limit), { priority, signal, brief });
          return new AnsweredPage('detection', answer, ({ count, nextLink }) => ({
            next: nextLink,
            cut: limit !== undefined && count >= limit,
          }));
        },
      },
    };
  },
};
