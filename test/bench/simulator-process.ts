import { systemClock } from '../../src/runtime/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';

/**
 * What the simulator is asked: to show a record now; for the answers it gave since it was last asked; for the
 * next one; to show so many alerts of one moment, each of so many bytes, on the API that has large pages.
 */
export type SimulatorQuestion =
  | { readonly ask: 'show'; readonly record: string }
  | { readonly ask: 'answers' }
  | { readonly ask: 'next-answer' }
  | { readonly ask: 'show-page'; readonly alerts: number; readonly bytes: number };

/** An answer that the simulator gave to a request. */
export interface Answered {
  readonly api: string;
  /** ms since 1970, with fractions. */
  readonly atMs: number;
}

/** Where the simulator is: the first thing that it tells. */
export type SimulatorPlace = Pick<Simulator, 'endpoints' | 'caFile' | 'credentials'>;

/** What it tells. */
export type SimulatorAnswer =
  | SimulatorPlace
  | { readonly shownAtMs: number }
  | { readonly answers: readonly Answered[] };

// A process of its own that plays Microsoft's APIs; `simulator-process.ts FOLDER` leaves its certificates there.

const [, , tlsDirectory = '.'] = process.argv;
let answers: Answered[] = [];
let first: ((answer: Answered) => void) | undefined;
const nowMs = () => performance.timeOrigin + performance.now();
const tell = (answer: SimulatorAnswer) => process.send?.(answer);

process.on('disconnect', () => process.exit(0));
const simulator = await startSimulator({
  seed: 7,
  ratePerMinute: 0,
  clock: systemClock,
  tlsDirectory,
  onAnswer(_tenantId, api) {
    const answer = { api, atMs: nowMs() };
    answers.push(answer);
    first?.(answer);
    first = undefined;
  },
});
function showPage(alerts: number, bytes: number): void {
  // All of one moment: no narrower window divides them.
  const time = new Date(Date.now() - 600_000).toISOString();
  for (let number = 0; number < alerts; number++) {
    const alert = { id: `page-${number}`, alertCreationTime: time, lastUpdateTime: time, description: '' };
    const description = 'what happened '
      .repeat(Math.ceil(bytes / 14))
      .slice(0, bytes - JSON.stringify(alert).length);
    simulator.control.inject('alert', { ...alert, description });
  }
}

process.on('message', (question: SimulatorQuestion) => {
  if (question.ask === 'show') {
    simulator.control.inject('graph-alert', question.record);
    tell({ shownAtMs: nowMs() });
  } else if (question.ask === 'answers') {
    tell({ answers });
    answers = [];
  } else if (question.ask === 'show-page') {
    showPage(question.alerts, question.bytes);
    tell({ shownAtMs: nowMs() });
  } else {
    first = (answer) => tell({ answers: [answer] });
  }
});
tell({ endpoints: simulator.endpoints, caFile: simulator.caFile, credentials: simulator.credentials });
