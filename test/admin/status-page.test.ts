import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StatusPageState, statusPage, statusPagePolicy } from '../../src/admin/status-page.ts';
import type { Health } from '../../src/app/health.ts';
import { anyText } from '../support/any-text.ts';
import { aCredential, aHealth, aJob, aSink, aSource, someTelemetry } from './a-health.ts';

const nowMs = Date.parse('2026-11-03T08:26:10Z');

function pageOf(health: StatusPageState['health'], telemetry = someTelemetry()): string {
  return statusPage({ health, telemetry, version: '0.1.0', nowMs, startedAtMs: nowMs - 7_200_000 });
}

/** The words of each row of the page's tables, cell by cell. */
function rowsOf(page: string): string[][] {
  return [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) =>
      cell
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ),
  );
}

/** The tags of a page in their order: what it is made of, whatever the words are. */
function tagsOf(page: string): readonly string[] {
  return page.match(/<[^>]*>/g) ?? [];
}

/** A health with one text in every place that could carry one. */
function allSaying(text: string): Health {
  const told = { name: text, problem: text, healthy: false };
  return aHealth({
    sources: [aSource({ ...told, type: text, tenant: text })],
    sinks: [aSink({ ...told, type: text })],
    credentials: [aCredential(told)],
    jobs: [aJob({ asked: text, progress: text, problem: text })],
  });
}

describe('the status page', () => {
  test('shows sources, sinks and credentials', () => {
    const health = aHealth({
      sinks: [aSink({ backlog: 1500, waitingMs: 400_000, healthy: false, problem: 'delivers late' })],
      credentials: [
        aCredential({
          kind: 'certificate',
          expires: '2026-11-20T00:00:00.000Z',
          problem: 'expires in 16 days',
        }),
      ],
    });
    expect(rowsOf(pageOf(health))).toEqual([
      ['Source', 'State', 'Read up to', 'Overlap', 'Last audit', 'Accepted', 'Repeated'],
      [
        'alerts graph-alerts of contoso',
        '✓ OK',
        '2026-11-03 08:25:10 UTC 60s ago',
        '15m',
        '2026-11-03 08:20:00 UTC 10 missing, 9 healed',
        '12,345',
        '67',
      ],
      ['Sink', 'State', 'Backlog', 'Oldest waiting', 'Dead letters', 'Delivered since start'],
      ['siem syslog', '✗ Not OK delivers late', '1,500', '7m', '0', '93'],
      ['Tenant', 'State', 'Expires'],
      ['contoso certificate', '! Note expires in 16 days', '2026-11-20 00:00:00 UTC'],
    ]);
  });

  test.each<[string, StatusPageState['health'], string]>([
    ['all is well', aHealth(), '✓ Healthy'],
    ['something is not', allSaying('x'), '✗ Not healthy: 3 of 4 not OK'],
    ['the store does not answer', { problem: 'the disk is full' }, '✗ Not known'],
  ])('says at the top when %s, in words and a mark', (_case, health, words) => {
    const page = pageOf(health);
    expect(page).toContain(`role="status">${words}</p>`);
    expect(page).toContain(`<title>${words.slice(2)} – defender-siem</title>`);
  });

  test('shows replays and backfills, where there are any', () => {
    const jobs = [
      aJob({ id: 8, state: 'under way' }),
      aJob(),
      aJob({ id: 6, state: 'failed', problem: 'no sink' }),
    ];
    const rows = rowsOf(pageOf(aHealth({ jobs })));
    const at = rows.findIndex(([heading]) => heading === 'Job');
    expect(rows.slice(at)).toEqual([
      ['Job', 'State', 'Progress', 'Asked for'],
      ['replay 8 --sink siem --since 2h', '! under way', 'sent 120, refused 0', '2026-11-03 08:20:00 UTC'],
      ['replay 7 --sink siem --since 2h', '✓ done', 'sent 120, refused 0', '2026-11-03 08:20:00 UTC'],
      [
        'replay 6 --sink siem --since 2h',
        '✗ failed no sink',
        'sent 120, refused 0',
        '2026-11-03 08:20:00 UTC',
      ],
    ]);
    expect(rowsOf(pageOf(aHealth())).some(([heading]) => heading === 'Job')).toBe(false);
  });

  test('names what is not known yet as such', () => {
    const health = aHealth({
      sources: [aSource({ watermark: undefined, lagMs: undefined, healthy: false, problem: 'not read' })],
    });
    expect(rowsOf(pageOf(health))[1]?.[2]).toBe('–');
  });

  test('tells why the store does not answer', () => {
    expect(pageOf({ problem: 'state.db: the disk is <full>' })).toContain(
      'state.db: the disk is &lt;full&gt;',
    );
  });

  test('is the same page whatever a name or a reason says', () => {
    const plain = tagsOf(pageOf(allSaying('x')));
    const hostile = fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' autofocus onfocus='alert(1)",
      '</td></tr></table></main><h1>All is well</h1>',
      '</title></style></script><!--',
      '&lt;script&gt;',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          anyText.filter((text) => text !== ''),
        ),
        (text) => {
          expect(tagsOf(pageOf(allSaying(text)))).toEqual(plain);
        },
      ),
    );
  });

  test('needs nothing but itself: no address of another host, no handler or style in an attribute', () => {
    const page = pageOf(aHealth());
    expect(page).not.toMatch(/https?:|\/\/[a-z]|@import|url\(/);
    for (const tag of tagsOf(page)) expect(tag).not.toMatch(/\son\w+=|\sstyle=|\ssrc=/);
    expect(page.match(/href="[^"]*"/g)).toEqual(['href="data:,"', 'href="status"', 'href="metrics"']);
  });

  test('is allowed its own script and style by the policy, and no other', () => {
    const page = pageOf(aHealth());
    for (const element of ['script', 'style']) {
      const inline = [...page.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))];
      expect(inline).toHaveLength(1);
      const hash = createHash('sha256')
        .update(inline[0]?.[1] ?? '')
        .digest('base64');
      expect(statusPagePolicy).toContain(`${element}-src 'sha256-${hash}';`);
    }
    expect(statusPagePolicy).toMatch(/^default-src 'none';/);
    expect(statusPagePolicy).not.toContain('unsafe');
  });

  test('loads itself again where scripts do not run', () => {
    expect(pageOf(aHealth())).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
  });

  test('has a scope for each heading and a name for each table', () => {
    const page = pageOf(aHealth());
    for (const tag of tagsOf(page).filter((candidate) => /^<th\b/.test(candidate))) {
      expect(tag).toMatch(/ scope="(?:col|row)"/);
    }
    const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id);
  });
});

test('of hundreds of tenants the page sums up, and tells of those that are not well', () => {
  const names = Array.from({ length: 300 }, (_, index) => `c${index}`);
  const health = aHealth({
    sources: names.map((tenant, index) =>
      aSource({
        name: `alerts@${tenant}`,
        tenant,
        healthy: index >= 5,
        problem: index < 5 ? `tenant ${tenant}: 503` : '',
      }),
    ),
    credentials: names.map((name) => aCredential({ name })),
  });
  const page = pageOf(health);
  expect(page).toContain('300 tenants, of which 5 are not OK; 300 sources, of which 5 are not OK.');
  const rows = rowsOf(page).map(([first = '']) => first);
  expect(rows).toContain('alerts@c2 graph-alerts of c2');
  expect(rows).toContain('In the same way as alerts@c0: alerts@c3, alerts@c4.');
  expect(rows).toContain('295 more are OK: they stand in the status as JSON.');
  expect(rows).toContain('300 more are OK: they stand in the status as JSON.');
  expect(rows).not.toContain('alerts@c5 graph-alerts of c5');
});
