import { randomUUID } from 'node:crypto';
import { ConnectorError } from '../../errors.ts';
import { instantOf } from '../../fields/instant.ts';
import { normalise, recordOf } from '../../normalise/index.ts';
import type { SinkCheck, SinkSubject } from './sink-subject.ts';

const correct = 'Correct what the receiver objects to, in the options of the sink or there';

/** Whether the receiver lets us in: opens the sink as `run` does, credentials included, or sends a test event. */
export const checkSinkOpened: SinkCheck = async (subject, report) => {
  const needs = ['name', 'connection', 'proxy', 'tls', 'client-certificate', 'token'];
  const { peer } = subject.sink;
  const inTheClear = peer !== undefined && peer.transport === 'tcp' && peer.tls === undefined;
  const otherwise = inTheClear ? `${correct}; if its port speaks TLS, so must the sink` : correct;
  if (subject.context.sendTest) {
    const look = { key: 'event', what: 'test event', needs, otherwise };
    await report.look(look, async (signal) => ({
      result: 'ok',
      finding: await sendTestEvent(subject, signal),
    }));
    return;
  }
  const look = { key: 'opened', what: 'opened', needs, otherwise };
  await report.look(look, async (signal) => {
    await subject.sink.probe(signal);
    return { result: 'ok', finding: 'ready for events' };
  });
};

async function sendTestEvent({ sink, format, context }: SinkSubject, signal: AbortSignal): Promise<string> {
  const event = testEvent(context.clock.now());
  const formatted = format(event, sink.payloadBytes(event));
  if (formatted.kind === 'oversize') throw new ConnectorError('SINK_REFUSED', formatted.reason);
  const [outcome] = await sink.send([{ event, text: formatted.text }], signal);
  if (outcome?.kind === 'accepted') {
    await sink[Symbol.asyncDispose]();
    if ((sink.takeInDoubt?.() ?? 0) === 0) return `sent the test event ${event.id}`;
    const reason = 'the receiver took the test event, but has not read it: it hangs, or is slow';
    throw new ConnectorError('SINK_REFUSED', reason);
  }
  throw new ConnectorError('SINK_REFUSED', `the test event was not taken: ${outcome?.reason ?? 'no answer'}`);
}

function testEvent(nowMs: number) {
  const now = instantOf(nowMs);
  const record = recordOf(
    'graph-alert',
    JSON.stringify({
      id: `defender-siem-test-${randomUUID()}`,
      title: 'Test event of defender-siem',
      description: 'Sent by `defender-siem check --send-test`. No alert stands behind it.',
      severity: 'informational',
      status: 'new',
      category: 'Test',
      serviceSource: 'unknown',
      createdDateTime: now,
      lastUpdateDateTime: now,
      evidence: [],
    }),
  );
  return normalise(record, {});
}
