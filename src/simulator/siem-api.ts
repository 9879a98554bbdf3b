import { addMs, type Instant, instantOf, parseInstant } from '../fields/instant.ts';
import type { AlertView, SimulatedAlert } from './alert.ts';
import type { SimulatedApi } from './api.ts';
import { audiences } from './audiences.ts';
import { siemErrors } from './error-bodies.ts';
import { type Answer, type ApiRequest, rawJsonAnswer } from './exchange.ts';
import { hostileJson } from './hostile.ts';
import type { InjectedState } from './injected.ts';
import { siemDetection } from './siem-detection.ts';
import { type Tenant, viewOf } from './tenant.ts';

/** One sample of the documentation has `/api/alert` (API reference §3.3). */
const path = /^\/api\/alerts?\/?$/i;
const defaultSpanMs = 7_200_000;

/** A detection as the list sees it: written only when it is in the answer. */
interface Row {
  readonly processed: Instant;
  readonly group: string | undefined;
  readonly tags: readonly string[];
  json(): string;
}

interface Wanted {
  readonly from: Instant;
  readonly to: Instant;
  readonly limit: number;
  readonly groups: readonly string[];
  readonly tags: readonly string[];
}

/** The SIEM API: `/api/alerts` on a listener of its own, a bare array without paging (API reference §3). */
export const siemApi: SimulatedApi = {
  name: 'siem-detections',
  listener: 'siem',
  owns: (called) => path.test(called),
  errors: siemErrors,
  audiences: audiences.siem,
  roles: [],
  scopes: [],
  // No limit is published.
  licensed: true,
  quota: {},
  retired(request, tenant) {
    if (tenant.habits.siem === 'gone') return siemErrors.error(request, 410, 'Gone', 'This API is retired.');
    if (tenant.habits.siem === 'not-found') return siemErrors.error(request, 404, 'NotFound', 'Not found.');
    return tenant.habits.siem === 'closed' ? 'closed' : undefined;
  },
  answer(request, tenant) {
    const wanted = wantedOf(request);
    // A malformed request is answered 401 (API reference §3.4).
    if (typeof wanted === 'string') return siemErrors.error(request, 401, 'Unauthorized', wanted);
    return list(request, tenant, wanted);
  },
};

function list(request: ApiRequest, tenant: Tenant, wanted: Wanted): Answer {
  const found = rows(request, tenant, wanted)
    .filter((row) => wanted.groups.length === 0 || wanted.groups.includes(row.group ?? ''))
    .filter((row) => wanted.tags.every((tag) => row.tags.includes(tag)))
    .sort((a, b) => (a.processed < b.processed ? 1 : a.processed > b.processed ? -1 : 0));
  const shown = found.slice(0, wanted.limit);
  return rawJsonAnswer(200, `[${shown.map((row) => row.json()).join(',')}]`);
}

/** Returns what is asked for, or what is wrong with it. Names are taken in any case. */
function wantedOf(request: ApiRequest): Wanted | string {
  const values = new Map<string, string[]>();
  for (const [name, value] of request.query) {
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const first = (name: string) => values.get(name)?.[0];
  const now = instantOf(request.now);
  const bounds = boundsOf(first('sincetimeutc'), first('untiltimeutc'), first('ago'), now);
  if (typeof bounds === 'string') return bounds;
  const limit = first('limit');
  if (limit !== undefined && !/^\d{1,9}$/.test(limit)) return `limit '${limit}' is not a number`;
  return {
    ...bounds,
    limit: limit === undefined ? Number.POSITIVE_INFINITY : Number(limit),
    groups: values.get('machinegroups') ?? [],
    tags: [
      ...(values.get('devicecreatedmachinetags') ?? []),
      ...(values.get('cloudcreatedmachinetags') ?? []),
    ],
  };
}

function boundsOf(
  since: string | undefined,
  until: string | undefined,
  ago: string | undefined,
  now: Instant,
): { from: Instant; to: Instant } | string {
  const span = ago === undefined ? defaultSpanMs : isoDurationMs(ago);
  if (span === undefined) return `ago '${ago ?? ''}' is not an ISO 8601 duration`;
  const from = since === undefined ? addMs(now, -span) : parseInstant(since);
  if (from === undefined) return `sinceTimeUtc '${since ?? ''}' is not a time`;
  // Without an upper bound, the millisecond that is under way belongs to the answer.
  const to = until === undefined ? addMs(now, 1) : parseInstant(until);
  if (to === undefined) return `untilTimeUtc '${until ?? ''}' is not a time`;
  return { from, to };
}

const isoDuration = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Returns the milliseconds of `PT10M`, `P1D`, `P1DT2H`; undefined for anything else. */
function isoDurationMs(text: string): number | undefined {
  const match = isoDuration.exec(text);
  if (match === null || text.endsWith('P') || text.endsWith('T')) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round(
    (Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000,
  );
}

function rows(request: ApiRequest, tenant: Tenant, { from, to }: Wanted): Row[] {
  tenant.world.advanceTo(request.now);
  const told = tenant.world.detections
    .filter((detection) => detection.processed >= from && detection.processed < to)
    .filter((detection) => detection.visibleAt <= request.now)
    .map((detection): Row => {
      const { alert } = detection;
      const device = alert.chapter.device(tenant.world.cast(alert));
      return {
        processed: detection.processed,
        group: device?.group,
        tags: device?.tags ?? [],
        json: () => hostileJson(siemDetection(detection, wholeView(tenant, alert)), alert.hostile, 'siem'),
      };
    });
  const injected = tenant.injected
    .visible('detection', request.now)
    .filter((state) => state.updated >= from && state.updated < to);
  return [...told, ...injected.map(injectedRow)];
}

function injectedRow(state: InjectedState): Row {
  const group = state.read('MachineGroup');
  const tags = [state.read('DeviceCreatedMachineTags'), state.read('CloudCreatedMachineTags')];
  return {
    processed: state.updated,
    group: typeof group === 'string' ? group : undefined,
    tags: tags.filter((tag) => typeof tag === 'string'),
    json: () => state.json,
  };
}

/** A detection never changes: it is written from all evidence of its alert, whatever of it the alert shows by now. */
function wholeView(tenant: Tenant, alert: SimulatedAlert): AlertView {
  return viewOf(tenant, { alert, state: { ...alert.states[0], evidenceHidden: 0 } });
}
