import type { Found } from './report.ts';
import type { TenantCheck, TenantSubject } from './tenant-subject.ts';

/** Beyond these differences a word is due, and tokens are refused (API reference §2.1, AADSTS700024), ms. */
const warnFromMs = 30_000;
const failFromMs = 300_000;

/** How far the clock of this host is from those of the authority and of each API, by the `Date` of an answer. */
export const checkClocks: TenantCheck = async (subject, report) => {
  const { authority, origins } = subject.connection.endpoints;
  const hosts = [
    { key: 'authority', origin: authority, needs: 'authority' },
    ...subject.apis.map((api) => ({ key: api, origin: origins[api], needs: `api.${api}` })),
  ];
  for (const { key, origin, needs } of hosts) {
    const look = {
      key: `clock.${key}`,
      what: `clock of ${key}`,
      needs: [needs],
      otherwise: 'See what answers there: a proxy in between may',
    };
    await report.look(look, (signal) => compare(subject, origin, signal));
  }
};

async function compare(
  { connection, context }: TenantSubject,
  origin: string,
  signal: AbortSignal,
): Promise<Found> {
  const { clock } = context;
  const asked = clock.now();
  const { headers } = await connection.http.request({ method: 'GET', url: `${origin}/` }, signal);
  const answered = clock.now();
  const theirs = Date.parse(headers.date ?? '');
  if (Number.isNaN(theirs)) return { result: 'unknown', finding: 'it does not tell the time' };
  // Its time is cut to the second, and was taken somewhere between question and answer.
  const earliest = answered - (theirs + 999);
  const latest = asked - theirs;
  const aheadMs = earliest > 0 ? earliest : latest < 0 ? latest : 0;
  return judge(aheadMs);
}

function judge(aheadMs: number): Found {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const finding =
    seconds === 0 ? 'the same as here' : `this host is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  if (Math.abs(aheadMs) <= warnFromMs) return { result: 'ok', finding };
  const advice = 'Let this host take its time from the network (NTP).';
  if (Math.abs(aheadMs) <= failFromMs) return { result: 'warning', finding, advice };
  return { result: 'failed', finding, advice, code: 'IDENTITY_REFUSED' };
}
