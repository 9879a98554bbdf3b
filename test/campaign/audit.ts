import { type Instant, instantOf } from '../../src/fields/instant.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { Listening } from './listening.ts';
import type { Scale, Scenario } from './scenario.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const pollMs = 30 * minuteMs;

/** An API hides alerts for hours, and now and then a defect moves the watermark over a span that nobody has read. */
export const scenario: Scenario = {
  name: 'audit',
  promise: 'whatever live reading has missed, an audit finds, counts to the record, and delivers',
  async run(scale) {
    const random = randomOf(scale.seed, 'audit');
    const world = {
      seed: scale.seed,
      ratePerMinute: 0.2,
      historyAlerts: 20,
      historySpanMs: 3 * hourMs,
      visibilityLagMs: 20_000,
      stragglers: { share: 0.1, lagMs: 8 * hourMs },
    };
    const ledger: Ledger = { broken: [], audits: 0, expected: 0, accepted: 0, healed: 0, skips: 0, lost: 0 };
    // Graph shows whole alerts, Defender for Endpoint can leave out the evidence.
    for (const type of ['graph-alerts', 'alerts']) {
      const source = { type, overlap: { min: '15m', max: '30m' } };
      await using listening = await Listening.start(world, random, source);
      await listen(listening, ledger, random, scale);
      judge(listening, ledger);
    }
    const { broken, ...figures } = ledger;
    return { figures, broken };
  },
};

interface Ledger {
  readonly broken: string[];
  audits: number;
  expected: number;
  accepted: number;
  healed: number;
  /** Spans that the planted defect has skipped. */
  skips: number;
  lost: number;
}

async function listen(
  listening: Listening,
  ledger: Ledger,
  random: Random,
  { long, note }: Scale,
): Promise<void> {
  const audits = long ? 20 : 2;
  for (let audit = 1; audit <= audits; audit++) {
    const polls = random.between(4, 9);
    const skipAt = random.chance(0.6) ? random.between(2, polls) : undefined;
    for (let poll = 1; poll <= polls; poll++) {
      if (poll === skipAt) await skip(listening, ledger, random);
      else listening.clock.advance(pollMs);
      if (random.chance(0.1)) await listening.stop();
      await listening.poll();
    }
    const found = await auditAndCompare(listening, ledger);
    note(`audit ${audit}: ${found}`);
  }
  listening.clock.advance(pollMs);
  await listening.poll();
  await auditAndCompare(listening, ledger);
}

/** The planted defect: while the process is down the world goes on, and the watermark is moved by hand. */
async function skip(listening: Listening, ledger: Ledger, random: Random): Promise<void> {
  listening.clock.advance(random.between(90, 300) * minuteMs);
  const { store } = await listening.connector();
  const nowMs = listening.clock.now();
  const watermark: Instant = instantOf(nowMs - random.between(1, 20) * minuteMs);
  await store.accept({ source: 'alerts', records: [], updates: 'all', watermark, nowMs });
  await listening.stop();
  ledger.skips++;
}

/** Audits, and compares each of its figures with what is true by the simulator and the receiver. */
async function auditAndCompare(listening: Listening, ledger: Ledger): Promise<string> {
  const had = new Set(listening.deliveredStates());
  await listening.poll({ audit: true });
  const audit = (await listening.progress())?.audit;
  if (audit === undefined) {
    ledger.broken.push('an audit was not kept');
    return 'none';
  }
  const there = listening.shown().filter(({ updated }) => updated >= audit.from && updated < audit.to);
  const before = there.filter(({ key }) => had.has(key)).length;
  const now = new Set(listening.deliveredStates());
  const lost = there.filter(({ key }) => !now.has(key)).length;
  const truth = `expected ${there.length}, accepted ${before}, healed ${there.length - before}`;
  const told = `expected ${audit.expected}, accepted ${audit.accepted}, healed ${audit.healed}`;
  if (told !== truth) ledger.broken.push(`the audit says ${told}, and true is ${truth}`);
  if (lost > 0) ledger.broken.push(`${lost} records are missing after an audit`);
  ledger.audits++;
  ledger.expected += audit.expected;
  ledger.accepted += audit.accepted;
  ledger.healed += audit.healed;
  return told;
}

function judge(listening: Listening, ledger: Ledger): void {
  const { broken } = ledger;
  const states = listening.deliveredStates();
  const delivered = new Set(states);
  const lost = listening.shown().filter(({ key }) => !delivered.has(key));
  ledger.lost += lost.length;
  for (const { key } of lost.slice(0, 10)) broken.push(`lost: ${key}`);
  if (states.length > delivered.size) broken.push(`${states.length - delivered.size} states came twice`);
  if (ledger.healed === 0) broken.push('nothing was missing: the scenario has planted nothing');
  const told = listening.delivered().some((event) => JSON.stringify(event).includes('audit-missing'));
  if (!told) broken.push('no event says that an audit found records missing');
}
