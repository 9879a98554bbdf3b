import { readFileSync } from 'node:fs';
import { ConnectorError } from '../../errors.ts';
import { certificatesIn } from '../../sinks/certificate-chain.ts';
import { certificateText, endOf } from './certificate-text.ts';
import type { SinkCheck } from './sink-subject.ts';

/** The certificate that a sink shows to its receiver, where it has one: whose, and until when. */
export const checkClientCertificate: SinkCheck = async ({ sink, context }, report) => {
  const path = sink.peer?.tls?.cert;
  if (path === undefined) return;
  const look = {
    key: 'client-certificate',
    what: 'client certificate',
    otherwise: 'Put a PEM certificate there, or correct `tls.cert`',
  };
  await report.look(look, async () => {
    const [own] = certificatesIn(readFileSync(path, 'utf8'));
    if (own === undefined) throw new ConnectorError('CONFIG_INVALID', `${path} holds no PEM certificate`);
    const nowMs = context.clock.now();
    const finding = certificateText(own, nowMs);
    const advice = `Have it renewed, and put the new one and its key in the place of ${path}.`;
    switch (endOf(own, nowMs)) {
      case 'ended':
        return { result: 'failed', finding, advice, code: 'SINK_UNREACHABLE' };
      case 'soon':
        return { result: 'warning', finding, advice };
      case 'later':
        return { result: 'ok', finding };
    }
  });
};
