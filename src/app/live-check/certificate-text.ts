import { type CertificateFacts, dayOf } from '../../sinks/certificate-chain.ts';

const dayMs = 86_400_000;
/** A certificate is worth a word from 30 days before its end, short-lived ones in their last third. */
const warnBeforeMs = 30 * dayMs;

/** Returns whether a certificate is still to end soon, or has ended. */
export function endOf(
  certificate: Pick<CertificateFacts, 'notBeforeMs' | 'notAfterMs'>,
  nowMs: number,
): 'ended' | 'soon' | 'later' {
  const { notBeforeMs, notAfterMs } = certificate;
  if (notAfterMs <= nowMs) return 'ended';
  return notAfterMs - nowMs <= Math.min(warnBeforeMs, (notAfterMs - notBeforeMs) / 3) ? 'soon' : 'later';
}

/** Returns when something ends, with the days left: `ends 2027-01-01 (39 d left)`. */
export function endText(notAfterMs: number, nowMs: number): string {
  const days = Math.floor(Math.abs(notAfterMs - nowMs) / dayMs);
  return notAfterMs <= nowMs
    ? `ended ${dayOf(notAfterMs)} (${days} d ago)`
    : `ends ${dayOf(notAfterMs)} (${days} d left)`;
}

/** Returns a certificate in words: whose, by whom, until when. */
export function certificateText(certificate: CertificateFacts, nowMs: number): string {
  const { subject, issuer, selfSigned, notAfterMs } = certificate;
  const by = selfSigned ? 'signed by itself' : `by “${issuer}”`;
  return `“${subject}” ${by}, ${endText(notAfterMs, nowMs)}`;
}
