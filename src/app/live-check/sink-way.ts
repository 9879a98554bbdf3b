import { redactUrl } from '../../http/redact-url.ts';
import type { CertificateFacts } from '../../sinks/certificate-chain.ts';
import { addressText, type Peer } from '../../sinks/peer.ts';
import { type Reach, reach, type Secured, type Step } from '../../sinks/reach.ts';
import { certificateText, endOf } from './certificate-text.ts';
import type { Found, Report } from './report.ts';
import type { SinkCheck } from './sink-subject.ts';

/** The way to a sink: name, connection, proxy, TLS with each certificate that the receiver shows. */
export const checkSinkWay: SinkCheck = async ({ sink, context }, report) => {
  const { peer } = sink;
  if (peer === undefined) return;
  const { clock, signal, network } = context;
  let found: Reach;
  try {
    found = await reach(peer, { ...network, clock, signal });
  } catch {
    report.add('name', 'name', { result: 'unknown', finding: 'the check was stopped' });
    return;
  }
  tellName(found.name, peer, report);
  tell(
    report,
    'connection',
    'connection',
    found.connection,
    'name',
    ({ address, ms }) => `${address} in ${ms} ms`,
  );
  const { proxy } = peer;
  if (proxy !== undefined) {
    const opened = () =>
      `${redactUrl(proxy).replace(/\/$/, '')} opened the way to ${addressText(peer.host, peer.port)}`;
    tell(report, 'proxy', 'proxy', found.tunnel, 'connection', opened);
  }
  tellTls(found, peer, report, clock.now());
};

function tellName(name: Reach['name'], peer: Peer, report: Report): void {
  tell(report, 'name', 'name', name, '', ({ v4, v6 }) => {
    const whose = peer.proxy === undefined ? peer.host : `proxy ${new URL(peer.proxy).hostname}`;
    const all = [...v4, ...v6];
    if (all.length === 1 && all[0] === peer.host) return `${peer.host} is an address`;
    return [
      whose,
      ...(v4.length === 0 ? [] : [`A ${v4.join(', ')}`]),
      ...(v6.length === 0 ? [] : [`AAAA ${v6.join(', ')}`]),
    ].join('  ');
  });
}

function tellTls({ tls, tunnel }: Reach, peer: Peer, report: Report, nowMs: number): void {
  if (tls === undefined) return;
  const before = tunnel === undefined ? 'connection' : 'proxy';
  if (tls.state !== 'done') {
    tell(report, 'tls', 'TLS', tls, before, () => '');
    return;
  }
  tellVerdict(tls, peer, report);
  const expired = tls.troubles.find(({ kind }) => kind === 'expired');
  tls.certificates.forEach((certificate, index) => {
    const key = index === 0 ? 'certificate' : `certificate.${index}`;
    const what = index === 0 ? 'certificate' : certificate.selfSigned ? 'root' : 'issuer';
    report.add(key, what, tellCertificate(certificate, nowMs, expired?.advice));
  });
}

/** `expired`: what to do where an ended certificate is why there is no trust; else another one vouches for the server. */
function tellCertificate(certificate: CertificateFacts, nowMs: number, expired: string | undefined): Found {
  const finding = certificateText(certificate, nowMs);
  const end = endOf(certificate, nowMs);
  if (end === 'ended' && expired !== undefined) {
    return { result: 'failed', finding, advice: expired, code: 'SINK_UNREACHABLE' };
  }
  if (end !== 'soon') return { result: 'ok', finding };
  const advice = 'Have it renewed before it ends: then nothing is delivered any more.';
  return { result: 'warning', finding, advice };
}

/** One line for each thing that is wrong, since each has a remedy of its own. */
function tellVerdict({ version, certificates, troubles }: Secured, peer: Peer, report: Report): void {
  if (troubles.length === 0) {
    const top = certificates.at(-1);
    const by = top?.selfSigned === true ? `, trusted through “${top.subject}”` : '';
    report.add('tls', 'TLS', { result: 'ok', finding: `${version}${by}` });
    return;
  }
  troubles.forEach(({ kind, finding, advice }, index) => {
    const again = troubles.findIndex((other) => other.kind === kind) < index;
    const key = index === 0 ? 'tls' : `tls.${kind}${again ? `.${index}` : ''}`;
    if (peer.tls?.verify === false) {
      const warned = `${version}, not verified: ${finding}`;
      report.add(key, 'TLS', {
        result: 'warning',
        finding: warned,
        advice: `${advice.replace(/\.$/, '')}, and leave out \`tls.verify: false\`.`,
      });
    } else {
      report.add(key, 'TLS', { result: 'failed', finding, advice, code: 'SINK_UNREACHABLE' });
    }
  });
}

function tell<Facts>(
  report: Report,
  key: string,
  what: string,
  step: Step<Facts> | undefined,
  before: string,
  words: (facts: Facts) => string,
): void {
  if (step === undefined) return;
  if (step.state === 'done') {
    report.add(key, what, { result: 'ok', finding: words(step) });
  } else if (step.state === 'not-tried') {
    report.skip(key, what, before);
  } else {
    const { finding, advice } = step.trouble;
    report.add(key, what, { result: 'failed', finding, advice, code: 'SINK_UNREACHABLE' });
  }
}
