import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, type Reply, values } from './support.ts';

let bench: Bench;
const answers: string[] = [];

beforeEach(async () => {
  answers.length = 0;
  bench = await Bench.start({
    historyAlerts: 5,
    tenants: 2,
    onAnswer: (tenantId, api, status) => answers.push(`${tenantId} ${api} ${status}`),
  });
});
afterEach(() => bench[Symbol.asyncDispose]());

const first = () => bench.simulator.credentials.tenantId;
const other = (index: number) => {
  const tenant = bench.simulator.tenants[index];
  if (tenant === undefined) throw new Error(`no tenant ${index}`);
  return tenant;
};

function signIn(tenantId: string): Promise<Reply> {
  const { clientId, clientSecret } = bench.simulator.credentials;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  });
  const url = `${bench.simulator.endpoints.authority}/${tenantId}/oauth2/v2.0/token`;
  return bench.call('POST', url, { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
}

async function alerts(tenantId: string): Promise<Reply> {
  const token = String((await signIn(tenantId)).json().access_token);
  return bench.call('GET', `${bench.simulator.endpoints.graph}/v1.0/security/alerts_v2`, {
    authorization: `Bearer ${token}`,
  });
}

const idsOf = (reply: Reply) => values(reply).map(({ id }) => id);

describe('further tenants', () => {
  test('have the same application, and each a world of its own', async () => {
    const shown = await Promise.all([first(), other(0).tenantId, other(1).tenantId].map(alerts));
    expect(shown.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ids = shown.flatMap(idsOf);
    expect(ids).toHaveLength(15);
    expect(new Set(ids).size).toBe(15);
    expect(values(shown[1] as Reply)[0]?.tenantId).toBe(other(0).tenantId);
    const published = other(0).control.published()['graph-alert'];
    expect(published.map(({ id }) => id).toSorted()).toEqual(idsOf(shown[1] as Reply).toSorted());
  });

  test('are the same for the same seed', async () => {
    const again = await Bench.start({ historyAlerts: 5, tenants: 2 });
    expect(again.simulator.tenants.map(({ tenantId }) => tenantId)).toEqual([
      other(0).tenantId,
      other(1).tenantId,
    ]);
    await again[Symbol.asyncDispose]();
  });

  test('fail each for itself; what the first is made to do strikes all', async () => {
    other(0).control.fault({ target: 'graph-alerts', kind: 'status', status: 503 });
    const statuses = async () =>
      Promise.all(
        [first(), other(0).tenantId, other(1).tenantId].map(async (id) => (await alerts(id)).status),
      );
    expect(await statuses()).toEqual([200, 503, 200]);
    bench.simulator.control.fault({ target: 'graph-alerts', kind: 'status', status: 500, times: 3 });
    other(0).control.clearFaults();
    expect(await statuses()).toEqual([500, 500, 500]);
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  test('have registrations and quotas of their own', async () => {
    other(0).control.registration.enabled = false;
    expect((await signIn(other(0).tenantId)).json().error_codes).toEqual([7000112]);
    expect((await signIn(other(1).tenantId)).status).toBe(200);
    other(1).control.registration.roles.graph = [];
    expect((await alerts(other(1).tenantId)).status).toBe(403);
    expect((await alerts(first())).status).toBe(200);
  });

  test('are counted each for itself, and all together', async () => {
    await alerts(other(0).tenantId);
    await alerts(first());
    expect(other(0).control.requests()).toEqual({ token: { 200: 1 }, 'graph-alerts': { 200: 1 } });
    expect(other(1).control.requests()).toEqual({});
    expect(bench.simulator.control.requests()).toEqual({ token: { 200: 2 }, 'graph-alerts': { 200: 2 } });
    expect(answers).toEqual(
      [other(0).tenantId, first()].flatMap((id) => [`${id} token 200`, `${id} graph-alerts 200`]),
    );
  });

  test('are steered over HTTP by their id', async () => {
    const { graph } = bench.simulator.endpoints;
    const fault = JSON.stringify({ target: 'token', kind: 'aadsts', code: 53003 });
    const path = `${graph}/_control/faults?tenant=${other(1).tenantId}`;
    expect((await bench.call('POST', path, {}, fault)).status).toBe(200);
    expect((await signIn(other(1).tenantId)).json().error_codes).toEqual([53003]);
    expect((await signIn(other(0).tenantId)).status).toBe(200);
    const listed = await bench.call('GET', `${graph}/_control/tenants`);
    expect(JSON.parse(listed.text)).toEqual([first(), other(0).tenantId, other(1).tenantId]);
    expect((await bench.call('GET', `${graph}/_control/requests?tenant=nobody`)).status).toBe(404);
  });
});
