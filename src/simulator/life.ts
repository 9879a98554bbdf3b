import type { Instant } from '../fields/instant.ts';
import type { AlertState, SimulatedAlert } from './alert.ts';
import { firmDomain } from './firm.ts';
import { type Random, randomOf } from './random.ts';
import type { Chapter } from './stories/story.ts';

/** Sees the state of its time, and when it happens (100 ns), and says what is other afterwards. */
export type Change = (state: AlertState, at: () => Instant) => Partial<AlertState>;

/** A change to come. */
export interface PlannedChange {
  /** Milliseconds after the alert's first update time. */
  readonly afterMs: number;
  readonly change: Change;
}

const analysts = ['soc.amelia', 'soc.bruno', 'soc.chen'].map((name) => `${name}@${firmDomain}`);
const remarks = [
  'Confirmed with the user by phone.',
  'Indicators blocked at the proxy.\nWaiting for the forensic image.',
  'Same campaign as last week; see the incident.',
  'Machine reimaged.',
] as const;
const verdicts = [
  ['truePositive', 'malware'],
  ['truePositive', 'phishing'],
  ['truePositive', 'compromisedAccount'],
  ['truePositive', 'multiStagedAttack'],
  ['falsePositive', 'notMalicious'],
  ['informationalExpectedActivity', 'securityTesting'],
] as const;

/** Returns what will happen to `alert` after its creation, the same for the same alert. */
export function lifeOf(alert: SimulatedAlert): readonly PlannedChange[] {
  const random = randomOf(alert.telling, 'life', alert.chapterNumber);
  const plan: PlannedChange[] = [];
  if ((alert.chapter.grows ?? 0) > 0) {
    plan.push({ afterMs: spread(random, 20, 600), change: () => ({ evidenceHidden: 0 }) });
  }
  if (random.chance(0.05)) {
    plan.push({ afterMs: spread(random, 30, 3600), change: () => ({ severity: 'high' }) });
  }
  if (random.chance(0.08)) {
    plan.push({
      afterMs: spread(random, 60, 7200),
      change: (state) => ({ incidentId: state.incidentId - 1 }),
    });
  }
  investigate(alert, random, plan);
  handle(random, plan);
  return plan;
}

/** Returns the change with which one person closes many alerts at once. */
export function closing(seed: string): Change {
  const random = randomOf(seed, 'closing');
  const [classification, determination] = random.pick(verdicts);
  const assignedTo = random.pick(analysts);
  return (_state, at) => ({ status: 'resolved', classification, determination, assignedTo, resolved: at() });
}

function investigate(alert: SimulatedAlert, random: Random, plan: PlannedChange[]): void {
  if (alert.chapter.service !== 'microsoftDefenderForEndpoint' || !random.chance(0.5)) return;
  const begun = spread(random, 15, 300);
  const ended = begun + spread(random, 60, 2400);
  const outcome = random.pick(['successfullyRemediated', 'partiallyRemediated', 'benign', 'pendingApproval']);
  plan.push({ afterMs: begun, change: () => ({ investigationState: 'running' }) });
  plan.push({
    afterMs: ended,
    change: (state, at) =>
      outcome === 'successfullyRemediated' && state.status === 'new'
        ? { investigationState: outcome, status: 'resolved', assignedTo: 'Automation', resolved: at() }
        : { investigationState: outcome },
  });
}

function handle(random: Random, plan: PlannedChange[]): void {
  if (!random.chance(0.4)) return;
  const analyst = random.pick(analysts);
  const taken = spread(random, 40, 7200);
  plan.push({
    afterMs: taken,
    change: (state) => (state.status === 'resolved' ? {} : { status: 'inProgress', assignedTo: analyst }),
  });
  if (random.chance(0.5)) {
    const text = random.pick(remarks);
    plan.push({
      afterMs: taken + spread(random, 10, 1800),
      change: (state, at) => ({ comments: [...state.comments, { text, by: analyst, at: at() }] }),
    });
  }
  if (random.chance(0.6)) {
    const [classification, determination] = random.pick(verdicts);
    plan.push({
      afterMs: taken + spread(random, 60, 40_000),
      change: (_state, at) => ({ status: 'resolved', classification, determination, resolved: at() }),
    });
  }
}

/** Returns milliseconds between `least` and `most` seconds, short spans as likely as long ones of the same factor. */
function spread(random: Random, least: number, most: number): number {
  return Math.round(least * (most / least) ** random.next() * 1000);
}

/** Returns the state in which an alert of `chapter` appears. */
export function firstState(chapter: Chapter, incidentId: number): Timeless {
  return {
    status: 'new',
    severity: chapter.severity,
    assignedTo: null,
    classification: null,
    determination: null,
    investigationState: chapter.service === 'microsoftDefenderForEndpoint' ? 'queued' : null,
    incidentId,
    comments: [],
    evidenceHidden: chapter.grows ?? 0,
    resolved: null,
  };
}

/** A state but for its times. */
export type Timeless = Omit<AlertState, 'updated' | 'visibleAt'>;
