import { addMs, epochMs, type Instant } from '../../src/fields/instant.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { Listening } from './listening.ts';
import type { Report, Scale, Scenario } from './scenario.ts';

const minuteMs = 60_000;
const pollMs = 5 * minuteMs;
const minMs = 15 * minuteMs;
const maxMs = 2 * 60 * minuteMs;
/** The latest come this late: beyond the first overlap, within its upper bound. */
const lagMs = 50 * minuteMs;

/** Some alerts and updates show themselves late; the overlap is to follow, and what it cannot reach the audit brings. */
export const scenario: Scenario = {
  name: 'late',
  promise:
    'records that arrive late are delivered all the same: the overlap grows to what is measured, within its bounds',
  async run(scale) {
    const random = randomOf(scale.seed, 'late');
    const world = {
      seed: scale.seed,
      ratePerMinute: 0.5,
      historyAlerts: 20,
      historySpanMs: 3 * 60 * minuteMs,
      visibilityLagMs: 20_000,
      stragglers: { share: 0.08, lagMs },
    };
    await using listening = await Listening.start(world, random, { overlap: { min: '15m', max: '2h' } });
    const ledger = new Ledger();
    await listen(listening, ledger, random, scale);
    return judge(listening, ledger);
  },
};

/** What the API has shown, and what has to come of it. */
class Ledger {
  /** States that a run could reach when they showed themselves, and those that stand in the end. */
  readonly promised = new Set<string>();
  /** How far behind the watermark each state was when it showed itself, ms; and those that a run could reach. */
  readonly latenessMs: number[] = [];
  readonly measurableMs: number[] = [];
  readonly broken: string[] = [];
  late = 0;
  healed = 0;
  /** Of the healed, those that a run could have reached: its overlap was wide enough since the audit before. */
  healedWithinReach = 0;
  /** The narrowest overlap since the last audit, ms. */
  narrowestMs = 0;
  readonly #known = new Set<string>();

  /** Takes note of a state before the run that may read it. */
  shown(key: string, updated: Instant, watermark: Instant | undefined, overlapMs: number): void {
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const behindMs = watermark === undefined ? 0 : Math.max(0, epochMs(watermark) - epochMs(updated));
    if (behindMs > 0) this.late++;
    this.latenessMs.push(behindMs);
    if (watermark !== undefined && updated < addMs(watermark, -overlapMs)) return;
    this.promised.add(key);
    this.measurableMs.push(behindMs);
  }
}

async function listen(listening: Listening, ledger: Ledger, random: Random, scale: Scale): Promise<void> {
  const polls = scale.long ? 2 * 288 : 60;
  const auditEvery = scale.long ? 48 : 20;
  for (let poll = 1; poll <= polls; poll++) {
    if (random.chance(0.08)) await listening.stop();
    // Now and then nothing is read for hours: what comes then is not late.
    listening.clock.advance(poll % 35 === 0 ? 180 * minuteMs : pollMs);
    const before = await listening.progress();
    const overlapMs = before?.lateness?.overlapMs ?? minMs;
    if (overlapMs < minMs || overlapMs > maxMs) ledger.broken.push(`the overlap is ${overlapMs} ms`);
    for (const { key, updated } of listening.shown())
      ledger.shown(key, updated, before?.watermark, overlapMs);
    ledger.narrowestMs = Math.min(ledger.narrowestMs, overlapMs);
    if (poll % auditEvery !== 0) await listening.poll();
    else await auditedPoll(listening, ledger, scale);
  }
  for (const { key } of listening.shown()) ledger.promised.add(key);
  await auditedPoll(listening, ledger, scale);
  await listening.poll();
}

async function auditedPoll(listening: Listening, ledger: Ledger, { note }: Scale) {
  await listening.poll({ audit: true });
  const { audit, lateness } = (await listening.progress()) ?? {};
  const { healed = 0, expected = 0 } = audit ?? {};
  ledger.healed += healed;
  if (ledger.narrowestMs >= lagMs) ledger.healedWithinReach += healed;
  ledger.narrowestMs = lateness?.overlapMs ?? 0;
  note(`overlap ${(lateness?.overlapMs ?? 0) / 1000} s, the audit healed ${healed} of ${expected}`);
}

async function judge(listening: Listening, ledger: Ledger): Promise<Report> {
  const { broken, promised, late, healed, healedWithinReach } = ledger;
  const states = listening.deliveredStates();
  const delivered = new Set(states);
  const lost = [...promised].filter((key) => !delivered.has(key));
  for (const key of lost.slice(0, 10)) broken.push(`lost: ${key}`);
  if (states.length > delivered.size) broken.push(`${states.length - delivered.size} states came twice`);

  const { overlapMs = 0, p999Ms = 0 } = (await listening.progress())?.lateness ?? {};
  // The past fades: only what was seen lately has to be within the percentile.
  const measurableMs = percentileOf(ledger.measurableMs.slice(-3000));
  const truthMs = percentileOf(ledger.latenessMs.slice(-3000));
  if (p999Ms < measurableMs * 0.9)
    broken.push(`measured ${p999Ms} ms late, where ${measurableMs} ms could be measured`);
  if (overlapMs < Math.min(maxMs, truthMs))
    broken.push(`the overlap of ${overlapMs} ms is below the true lateness of ${truthMs} ms`);
  if (healedWithinReach > 0) broken.push(`${healedWithinReach} records within reach were left to the audit`);
  return {
    figures: {
      alerts: listening.published().length,
      late,
      lost: lost.length,
      'healed by audit': healed,
      'overlap s': Math.round(overlapMs / 1000),
      'p999 s': Math.round(p999Ms / 1000),
      'true p999 s': Math.round(truthMs / 1000),
    },
    broken,
  };
}

/** The 99.9th percentile; of fewer than a thousand the largest. */
function percentileOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = sorted.length < 1000 ? sorted.length : Math.ceil(sorted.length * 0.999);
  return sorted[rank - 1] ?? 0;
}
