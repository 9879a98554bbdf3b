import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReplicatedTable, Settling } from '../../src/simulator/directory/replicas.ts';
import { readJwt } from '../../src/simulator/jwt.ts';
import { randomOf } from '../../src/simulator/random.ts';
import { alertRoles, DirectoryClient, graphAppId, refusal } from './directory-bench.ts';
import { Bench, type Reply, values } from './support.ts';

describe('a table of replicas', () => {
  const behind = (now: number) => ({ now, behind: true });
  const current = (now: number) => ({ now, behind: false });
  const tableOf = (mostMs: number) =>
    new ReplicatedTable<string>(new Settling(randomOf(1, 'settling'), mostMs));

  test('shows a new object, a change, and a deletion late where a replica is behind', () => {
    const table = tableOf(10_000);
    table.put('a', 'new', 0);
    expect([table.get('a', current(0)), table.get('a', behind(999))]).toEqual(['new', undefined]);
    expect(table.get('a', behind(10_000))).toBe('new');
    table.put('a', 'changed', 20_000);
    expect([table.get('a', current(20_000)), table.get('a', behind(20_999))]).toEqual(['changed', 'new']);
    table.delete('a', 40_000);
    expect([table.get('a', current(40_000)), table.get('a', behind(40_999))]).toEqual([undefined, 'changed']);
    expect(table.all(behind(50_000))).toEqual([]);
  });

  test('never knows a change before the one that it builds on', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const table = new ReplicatedTable<number>(new Settling(randomOf(seed), 10_000));
      for (let step = 1; step <= 5; step += 1) table.put('a', step, step * 100);
      const seen = Array.from({ length: 110 }, (_, at) => table.settled('a', at * 100) ?? 0);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(5);
    }
  });

  test('is settled at once without a delay, and on demand', () => {
    const atOnce = tableOf(0);
    atOnce.put('a', 'new', 5);
    expect(atOnce.get('a', behind(5))).toBe('new');
    const late = tableOf(10_000);
    late.put('a', 'new', 0);
    late.settle();
    expect(late.get('a', behind(0))).toBe('new');
  });
});

describe('a directory that is eventually consistent', () => {
  let bench: Bench;
  let directory: DirectoryClient;
  const codeOf = (reply: Reply) => (reply.json().error_codes as number[] | undefined)?.[0];

  beforeEach(async () => {
    bench = await Bench.start({ historyAlerts: 0 });
    directory = await DirectoryClient.withRoles(
      bench,
      'Application.ReadWrite.All',
      'AppRoleAssignment.ReadWrite.All',
    );
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  /** Repeats a call until it is answered as wished; returns all statuses. The clock stands still meanwhile. */
  async function until(
    status: number,
    call: () => Promise<Reply>,
  ): Promise<{ reply: Reply; seen: number[] }> {
    const seen: number[] = [];
    for (;;) {
      const reply = await call();
      seen.push(reply.status);
      if (reply.status === status) return { reply, seen };
      expect(seen.length).toBeLessThan(40);
    }
  }

  test('does not know a new application in every call, until ten seconds later', async () => {
    const { id } = await directory.application();
    const replies: Reply[] = [];
    for (let count = 0; count < 30; count += 1) replies.push(await directory.get(`/applications/${id}`));
    const statuses = new Set(replies.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 404]));
    const unknown = replies.find(({ status }) => status === 404);
    expect(unknown === undefined ? undefined : refusal(unknown)[1]).toBe('Request_ResourceNotFound');
    bench.clock.move(10_000);
    for (let count = 0; count < 10; count += 1) {
      expect((await directory.get(`/applications/${id}`)).status).toBe(200);
    }
    await directory.delete(`/applications/${id}`);
    const lingering: number[] = [];
    for (let count = 0; count < 30; count += 1) {
      lingering.push((await directory.get(`/applications/${id}`)).status);
    }
    expect(new Set(lingering)).toEqual(new Set([200, 404]));
    bench.clock.move(10_000);
    expect(values(await directory.get('/applications'))).toEqual([]);
  });

  test('lets an application in step by step: known, present, with its secret, with its roles', async () => {
    const application = await directory.application();
    const asked = (secret: unknown) =>
      bench.tokenReply('https://graph.microsoft.com/.default', {
        client_id: String(application.appId),
        client_secret: String(secret),
      });
    expect(codeOf(await asked('any'))).toBe(700016);
    bench.clock.move(10_000);
    expect(codeOf(await asked('any'))).toBe(7000229);
    const { reply: made } = await until(201, () =>
      directory.post('/servicePrincipals', { appId: application.appId }),
    );
    bench.clock.move(10_000);
    const added = (await directory.post(`/applications/${application.id}/addPassword`, {})).json();
    expect(codeOf(await asked(added.secretText))).toBe(7000215);
    await until(201, () => directory.assign(made.json().id, graphAppId, alertRoles.graph));
    bench.clock.move(900);
    expect(codeOf(await asked(added.secretText))).toBe(7000215);
    bench.clock.move(9_100);
    const token = (await asked(added.secretText)).json().access_token;
    expect(readJwt(String(token))?.claims.roles).toEqual(['SecurityAlert.Read.All']);
  });

  test('answers the same for the same seed', async () => {
    const statusesOf = async (client: DirectoryClient) => {
      const { id } = await client.application();
      const seen: number[] = [];
      for (let count = 0; count < 20; count += 1) seen.push((await client.get(`/applications/${id}`)).status);
      return { id, seen };
    };
    await using twin = await Bench.start({ historyAlerts: 0 });
    const other = await DirectoryClient.withRoles(twin, 'Application.ReadWrite.All');
    expect(await statusesOf(other)).toEqual(await statusesOf(directory));
  });
});
