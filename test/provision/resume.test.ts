import { describe, expect, test } from 'vitest';
import type { HttpClient } from '../../src/http/client.ts';
import { ConnectionError } from '../../src/http/connection-error.ts';
import { type CredentialKind, federationAudience } from '../../src/provision/provision.ts';
import { ProvisionBench, twoPermissions } from '../support/provision-bench.ts';
import { responseOf } from '../support/response.ts';

/** What happens to one call, and when: before it gets there, or after it took effect. */
interface Trouble {
  readonly kind: 'the process ends' | 'the connection is reset' | 'the service is not available';
  readonly when: 'before' | 'after';
}

const troubles: readonly Trouble[] = [
  { kind: 'the process ends', when: 'before' },
  { kind: 'the process ends', when: 'after' },
  { kind: 'the connection is reset', when: 'before' },
  { kind: 'the connection is reset', when: 'after' },
  { kind: 'the service is not available', when: 'after' },
];

/** Returns a client whose call number `at` to Graph meets trouble; of reads, which have no effect, only before them. */
function troubled(http: HttpClient, at: number, { kind, when }: Trouble) {
  const calls: string[] = [];
  let over = false;
  const client: HttpClient = {
    close: () => {},
    async request(request, signal) {
      if (!request.url.includes('/v1.0/')) return http.request(request, signal);
      // What has ended makes no further call.
      if (kind === 'the process ends' && over) throw ended();
      const counts = when === 'before' || request.method !== 'GET';
      if (counts) calls.push(`${request.method} ${new URL(request.url).pathname}`);
      over = calls.length >= at;
      if (!counts || calls.length !== at) return http.request(request, signal);
      if (when === 'after') await http.request(request, signal);
      if (kind === 'the connection is reset') throw new ConnectionError('reset', 'reset');
      if (kind === 'the process ends') throw ended();
      return responseOf({
        status: 503,
        headers: {},
        body: '{"error":{"code":"ServiceUnavailable","message":""}}',
      });
    },
  };
  return { client, calls };
}

/** A failure that is not tried again. */
function ended(): ConnectionError {
  return new ConnectionError('certificate', 'the process ended');
}

const federated = {
  name: 'k8s',
  issuer: 'https://oidc.example/1',
  subject: 'system:serviceaccount:siem:defender-siem',
  audiences: [federationAudience('commercial')],
};

describe.each(troubles)('when $kind $when a call took effect', (trouble) => {
  const dies = trouble.kind === 'the process ends';
  // Where the same run goes on, what it has just made is known to it.
  const options = dies ? {} : { directorySettleMs: 0 };
  test.each<CredentialKind>(dies && trouble.when === 'after' ? ['secret', 'federated'] : ['secret'])(
    'whichever call it is, the next run ends with one application and one %s',
    async (kind) => {
      const bench = await ProvisionBench.start(options);
      for (let at = 1; at < 100; at++) {
        const name = `t${at}`;
        const tenant = { ...bench.tenant, name };
        const request = bench.request({ tenant, connector: name, kind, federated });
        const { client, calls } = troubled(bench.http, at, trouble);
        const first = await bench.provision(request, client).catch((error: unknown) => error);
        const call = `call ${at}: ${calls[at - 1]}`;
        // What ended is run again at once: not all of the directory has heard of what was made.
        if (first instanceof Error) await bench.provision(request);
        expect([call, first instanceof Error]).toEqual([call, dies && at <= calls.length]);
        bench.settle();

        const [application, ...others] = bench.applications(name);
        const { secrets = [], granted = [], servicePrincipalId, federated: trusted = [] } = application ?? {};
        const made = { others, granted, secrets: secrets.length, trusted: trusted.length, call };
        const expected = {
          others: [],
          granted: twoPermissions.map(({ resource, value }) => ({ resource, value })),
          secrets: kind === 'secret' ? 1 : 0,
          trusted: kind === 'federated' ? 1 : 0,
          call,
        };
        expect(made).toEqual(expected);
        expect(servicePrincipalId).toBeDefined();
        if (dies) expect([call, (await bench.provision(request)).draft.plan.steps]).toEqual([call, []]);
        if (calls.length < at) return;
      }
    },
  );
});

test('a certificate whose registration was cut off is registered, and no other is made', async () => {
  const bench = await ProvisionBench.start();
  const request = bench.request({ kind: 'certificate' });
  const counted = troubled(bench.http, 1000, { kind: 'the process ends', when: 'before' });
  await bench.provision(
    bench.request({ connector: 'count', tenant: { ...bench.tenant, name: 'count' } }),
    counted.client,
  );
  const registration = counted.calls.findIndex((call) => call.endsWith('/addPassword')) + 1;
  // What the first run made the second one finds: its first write registers the certificate.
  for (const [when, at] of [
    ['before', registration],
    ['after', 1],
  ] as const) {
    const { client } = troubled(bench.http, at, { kind: 'the process ends', when });
    await expect(bench.provision(request, client)).rejects.toThrow('the process ended');
    expect(bench.applications()[0]?.certificates).toHaveLength(when === 'after' ? 1 : 0);
  }
  await bench.provision(request);
  bench.settle();
  expect(bench.applications()).toHaveLength(1);
  expect(bench.applications()[0]?.certificates).toHaveLength(1);
  expect((await bench.provision(request)).draft.plan.steps).toEqual([]);
});
