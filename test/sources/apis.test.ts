import { describe, expect, test } from 'vitest';
import { parseInstant } from '../../src/fields/instant.ts';
import { parts } from '../../src/parts.ts';
import type { RecordKind } from '../../src/record.ts';
import type { ReadRequest, WindowedApi } from '../../src/sources/source.ts';

const window = { from: instant('2026-11-03T08:00:00.1234567Z'), to: instant('2026-11-03T09:00:00Z') };
const live: ReadRequest = { window, priority: 'live' };

function instant(text: string) {
  const parsed = parseInstant(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function open(type: string, options: Record<string, unknown>, answers: string[]) {
  const sourceType = parts.sourceTypes.find((candidate) => candidate.type === type);
  if (sourceType === undefined) throw new Error(type);
  const calls: { url: URL; headers: Record<string, string> }[] = [];
  const source = sourceType.open(sourceType.options.parse(options), {
    origin: 'https://api.example',
    reader: {
      get: async (url, { headers = {} }) => {
        calls.push({ url: new URL(url), headers });
        const body = answers.shift() ?? '[]';
        return { body, bytes: Buffer.from(body), partial: false, release() {} };
      },
    },
  });
  return { ...source, calls };
}

/** Reads a page and walks over it to its end. */
async function readAll(api: WindowedApi, request: ReadRequest) {
  const page = await api.read(request, new AbortController().signal);
  const records = [...page.records];
  const { next, cut } = page;
  return { records, next, cut };
}

describe('graph-alerts', () => {
  const page =
    '{"value":[{"id":"a1","lastUpdateDateTime":"2026-11-03T08:00:01.5Z"}],"@odata.nextLink":"https://api.example/x?$skiptoken=%2Fa%20b"}';

  test('asks for a half-open window at 100 ns, with the filters pushed down and unknown members by name', async () => {
    const { api, calls } = open(
      'graph-alerts',
      {
        filter: {
          severity: ['medium', 'high'],
          status: ['new'],
          serviceSource: ['microsoftDefenderForIdentity'],
        },
      },
      [page],
    );
    await readAll(api, live);
    expect(calls[0]?.url.pathname).toBe('/v1.0/security/alerts_v2');
    expect(calls[0]?.url.searchParams.get('$filter')).toBe(
      'lastUpdateDateTime ge 2026-11-03T08:00:00.1234567Z and lastUpdateDateTime lt 2026-11-03T09:00:00.0000000Z' +
        " and (severity eq 'medium' or severity eq 'high') and status eq 'new'" +
        " and serviceSource eq 'microsoftDefenderForIdentity'",
    );
    expect(calls[0]?.url.searchParams.get('$top')).toBe('500');
    expect(calls[0]?.headers).toEqual({ Prefer: 'include-unknown-enum-members' });
  });

  test('hands on the next link verbatim, and sends the same headers with it', async () => {
    const { api, calls } = open('graph-alerts', {}, [page, '{"value":[]}']);
    const { next } = await readAll(api, live);
    expect(next).toBe('https://api.example/x?$skiptoken=%2Fa%20b');
    const last = await readAll(api, { ...live, link: next ?? '' });
    expect(calls[1]?.url.href).toBe(next);
    expect(calls[1]?.headers).toEqual({ Prefer: 'include-unknown-enum-members' });
    expect(last.next).toBeUndefined();
  });

  test('keeps the record verbatim, its update time to the last digit', async () => {
    const json =
      '{ "id" : "a1", "lastUpdateDateTime":"2026-11-03T08:00:01.1234567Z", "big":9007199254740993 }';
    const { api } = open('graph-alerts', {}, [`{"value":[${json}]}`]);
    const { records } = await readAll(api, live);
    expect(records).toMatchObject([
      {
        kind: 'graph-alert',
        id: 'a1',
        version: '2026-11-03T08:00:01.1234567Z',
        updated: '2026-11-03T08:00:01.1234567Z',
        json,
        tracked: expect.any(String),
      },
    ]);
  });
});

describe('alerts', () => {
  const alert = (id: number) => ({
    id: `da${id}`,
    lastUpdateTime: '2026-11-03T08:00:01Z',
    rbacGroupName: 'EMEA',
  });

  test('asks for evidence, and follows a full page by the one behind it', async () => {
    const full = JSON.stringify({ value: [alert(1), alert(2)] });
    const { api, calls } = open('alerts', { pageSize: 2 }, [full, full, '{"value":[]}']);
    const first = await readAll(api, live);
    const second = await readAll(api, { ...live, link: first.next ?? '' });
    const third = await readAll(api, { ...live, link: second.next ?? '' });
    expect(calls.map(({ url }) => url.searchParams.get('$skip'))).toEqual([null, '2', '4']);
    expect(calls.every(({ url }) => url.searchParams.get('$expand') === 'evidence')).toBe(true);
    expect(calls.every(({ url }) => url.searchParams.get('$top') === '2')).toBe(true);
    expect(third.next).toBeUndefined();
  });

  test('is swept without evidence, in larger pages', async () => {
    const full = JSON.stringify({ value: Array.from({ length: 4000 }, (_each, id) => alert(id)) });
    const { api, sweep, calls } = open('alerts', { pageSize: 2 }, [full, '{"value":[]}']);
    const first = await readAll(sweep ?? api, live);
    const second = await readAll(sweep ?? api, { ...live, link: first.next ?? '' });
    expect(calls.map(({ url }) => url.searchParams.get('$top'))).toEqual(['4000', '4000']);
    expect(calls.map(({ url }) => url.searchParams.get('$skip'))).toEqual([null, '4000']);
    expect(calls.every(({ url }) => !url.searchParams.has('$expand'))).toBe(true);
    expect([first.records.length, second.next]).toEqual([4000, undefined]);
  });

  test('is not swept without evidence where devices are filtered, whom the evidence may name', () => {
    expect(open('alerts', { filter: { deviceTags: ['critical'] } }, []).sweep).toBeUndefined();
  });

  test('follows a next link of the API before its own', async () => {
    const link = 'https://api.example/api/alerts?$skip=10000';
    const { api } = open('alerts', {}, [JSON.stringify({ value: [alert(1)], '@odata.nextLink': link })]);
    expect((await readAll(api, live)).next).toBe(link);
  });

  test('leaves out devices of other groups, which the API cannot be asked to', async () => {
    const { api, wanted } = open('alerts', { filter: { deviceGroups: ['emea'] } }, [
      JSON.stringify({ value: [alert(1), { ...alert(2), rbacGroupName: 'APAC' }] }),
    ]);
    const { records } = await readAll(api, live);
    expect(records.filter(wanted).map(({ id }) => id)).toEqual(['da1']);
  });
});

describe('detections', () => {
  test('asks 1 ms beyond both ends, since the API does not say whether they are inclusive', async () => {
    const { api, calls } = open('detections', {}, []);
    await readAll(api, live);
    expect(calls[0]?.url.searchParams.get('sinceTimeUtc')).toBe('2026-11-03T08:00:00.1224567Z');
    expect(calls[0]?.url.searchParams.get('untilTimeUtc')).toBe('2026-11-03T09:00:00.0010000Z');
  });

  test('asks for device groups and tags', async () => {
    const filter = {
      deviceGroups: ['UK Machines', 'France'],
      deviceCreatedTag: 'lab',
      cloudCreatedTags: 'vip',
    };
    const { api, calls } = open('detections', { filter }, []);
    await readAll(api, live);
    const asked = calls[0]?.url.searchParams;
    expect(asked?.getAll('machinegroups')).toEqual(['UK Machines', 'France']);
    expect(asked?.get('DeviceCreatedMachineTags')).toBe('lab');
    expect(asked?.get('CloudCreatedMachineTags')).toBe('vip');
  });

  test('takes an answer that reaches the limit for cut, and asks without a limit where nothing can be halved', async () => {
    const two = '[{"AlertId":"a","FullId":"a:1"},{"AlertId":"a","FullId":"a:2"}]';
    const { api, calls } = open('detections', { pageSize: 2 }, [two, two]);
    expect((await readAll(api, live)).cut).toBe(true);
    expect((await readAll(api, { ...live, indivisible: true })).cut).toBe(false);
    expect(calls.map(({ url }) => url.searchParams.get('limit'))).toEqual(['2', null]);
  });
});

test.each<[string, RecordKind, readonly string[]]>([
  ['graph-alerts', 'graph-alert', ['SecurityAlert.Read.All']],
  ['alerts', 'alert', ['Alert.Read.All']],
  ['detections', 'detection', []],
])('%s yields records of kind %s and needs %j', (type, kind, permissions) => {
  const sourceType = parts.sourceTypes.find((candidate) => candidate.type === type);
  expect(sourceType?.recordKind).toBe(kind);
  expect(sourceType?.permissions.slice(0, 1)).toEqual(permissions);
});
