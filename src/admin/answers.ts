import { namesText } from '../app/alike.ts';
import type { Health } from '../app/health.ts';
import { messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { packageVersion } from '../version.ts';
import { metricsContentType, metricsText } from './metrics.ts';
import { sourcesNotYetRun } from './readiness.ts';
import { statusPage, statusPagePolicy } from './status-page.ts';

/** What the answers are drawn from. */
export interface AnswerSources {
  readonly telemetry: Pick<Telemetry, 'sources' | 'sinks'>;
  /** How all is; rejects when the store does not answer. */
  readonly health: () => Promise<Health>;
  /** Bytes that the store takes on disk; rejects when it does not answer. */
  readonly storeBytes: () => Promise<number>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Content-Security-Policy, where the document needs more than nothing. */
  readonly policy?: string;
}

const processStartedAtMs = performance.timeOrigin;
const version = packageVersion();

/** Each path, and how it is answered. */
export const answers: ReadonlyMap<string, (from: AnswerSources) => Promise<Answer>> = new Map([
  ['/', page],
  ['/livez', async () => textAnswer(200, 'alive')],
  ['/readyz', ready],
  ['/status', status],
  ['/metrics', metrics],
]);

/** Returns an answer in plain text, of one line. */
export function textAnswer(status: number, line: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` };
}

async function ready({ health, telemetry }: AnswerSources): Promise<Answer> {
  try {
    const waiting = sourcesNotYetRun(await health(), telemetry);
    if (waiting.length === 0) return textAnswer(200, 'ready');
    return textAnswer(503, `not ready: not yet read for the first time: ${namesText(waiting)}`);
  } catch (error) {
    return textAnswer(503, `not ready: ${messageOf(error)}`);
  }
}

async function status({ health }: AnswerSources): Promise<Answer> {
  const found = await healthOrProblem(health);
  const body = 'problem' in found ? { healthy: false, ...found } : found;
  return {
    status: body.healthy ? 200 : 503,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify(body)}\n`,
  };
}

async function metrics({ telemetry, health, storeBytes }: AnswerSources): Promise<Answer> {
  // A scrape tells what it can: that the store does not answer is a metric of its own.
  const body = metricsText({
    telemetry,
    health: await health().catch(() => undefined),
    storeBytes: await storeBytes().catch(() => undefined),
    process: {
      version,
      nodeVersion: process.version,
      residentBytes: process.memoryUsage.rss(),
      startedAtMs: processStartedAtMs,
    },
  });
  return { status: 200, contentType: metricsContentType, body };
}

async function page({ health, telemetry, clock }: AnswerSources): Promise<Answer> {
  const found = await healthOrProblem(health);
  const body = statusPage({
    health: found,
    telemetry,
    version,
    nowMs: clock.now(),
    startedAtMs: processStartedAtMs,
  });
  return {
    status: 'problem' in found ? 503 : 200,
    contentType: 'text/html; charset=utf-8',
    body,
    policy: statusPagePolicy,
  };
}

async function healthOrProblem(
  health: AnswerSources['health'],
): Promise<Health | { readonly problem: string }> {
  try {
    return await health();
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
