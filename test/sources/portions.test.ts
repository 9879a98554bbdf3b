import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import type { SourceRecord } from '../../src/record.ts';
import { AnsweredPage } from '../../src/sources/answered-page.ts';
import { keepPortions } from '../../src/sources/portions.ts';

const answerOf = (body: string) => ({ bytes: Buffer.from(body), body, partial: false, release() {} });
const alert = (id: number, text = '') => ({ id: `a${id}`, lastUpdateDateTime: '2026-11-03T08:00:00Z', text });

function pageOf(records: readonly object[], rest = '') {
  const body = `{"value":${JSON.stringify(records)}${rest}}`;
  return new AnsweredPage('graph-alert', answerOf(body), ({ count, nextLink }) => ({
    next: nextLink,
    cut: count > 3,
  }));
}

describe('a page', () => {
  test('is kept in portions of few records and little text, each before the next is parsed', async () => {
    const short = Array.from({ length: 600 }, (_, id) => alert(id));
    const long = Array.from({ length: 20 }, (_, id) => alert(1000 + id, 'x'.repeat(50_000)));
    const page = pageOf([...short, ...long]);
    let parsed = 0;
    const walk: Iterable<SourceRecord> = {
      *[Symbol.iterator]() {
        for (const record of page.records) {
          parsed++;
          yield record;
        }
      },
    };
    const states = new Set<string>();
    const portions: number[] = [];
    let kept = 0;
    const count = await keepPortions(
      walk,
      async (records) => {
        portions.push(records.length);
        kept += records.length;
        expect(parsed).toBe(kept);
      },
      states,
    );
    // 88 short ones and 6 long ones have 256 KiB; then 6 at a time.
    expect(portions.slice(0, 2)).toEqual([256, 256]);
    expect(Math.max(...portions.slice(3))).toBe(6);
    expect([count, kept, states.size]).toEqual([620, 620, 620]);
  });

  test('tells what is behind it once it was walked, from how many records it had and from its link', () => {
    const page = pageOf([alert(1), alert(2)], ',"@odata.nextLink":"https://api.example/next"');
    expect(() => page.next).toThrow(ConnectorError);
    expect([...page.records].map(({ id }) => id)).toEqual(['a1', 'a2']);
    expect([page.next, page.cut]).toEqual(['https://api.example/next', false]);
    // What was read once is gone.
    expect([...page.records]).toEqual([]);
  });

  test('that is broken amid its records has those kept that were whole portions before', async () => {
    const records = Array.from({ length: 300 }, (_, id) => JSON.stringify(alert(id)));
    const page = new AnsweredPage('graph-alert', answerOf(`[${records.join(',')},{"id":}]`), () => ({
      next: undefined,
      cut: false,
    }));
    const kept: string[] = [];
    const keeping = keepPortions(page.records, async (portion) => {
      kept.push(...portion.map(({ id }) => id));
    });
    await expect(keeping).rejects.toMatchObject({ code: 'API_FAILED' });
    expect(kept).toHaveLength(256);
  });

  test('gives its memory back once it is walked, or nobody wants more of it', async () => {
    const body = JSON.stringify([alert(1), alert(2)]);
    let released = 0;
    const answer = { ...answerOf(body), release: () => void released++ };
    const page = () => new AnsweredPage('graph-alert', answer, () => ({ next: undefined, cut: false }));
    const walk = page().records[Symbol.iterator]();
    walk.next();
    walk.next();
    expect(released).toBe(0);
    walk.next();
    expect(released).toBe(1);
    const full = async () => {
      throw new Error('the disk is full');
    };
    await expect(keepPortions(page().records, full)).rejects.toThrow('full');
    expect(released).toBe(2);
  });

  test('of no records keeps nothing', async () => {
    const keep = async () => expect.fail('nothing is there');
    expect(await keepPortions(pageOf([]).records, keep)).toBe(0);
  });
});
