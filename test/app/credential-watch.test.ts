import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validityOf } from '../../src/app/credential-expiry.ts';
import { createCredentialWatch } from '../../src/app/credential-watch.ts';
import type { Severity } from '../../src/event.ts';
import { createAuthority } from '../support/certificates.ts';
import { testFolder } from '../support/connector-config.ts';
import { FakeClock } from '../support/fake-clock.ts';

const dayMs = 86_400_000;

/** A watch over one tenant with this certificate, and what it last said of each tenant. */
function aWatch(path: string) {
  const said = new Map<string | undefined, string>();
  const clock = new FakeClock();
  const credential = { kind: 'certificate', clientId: 'app', path } as const;
  const watch = createCredentialWatch({
    tenants: [
      { name: 'contoso', credential },
      { name: 'fabrikam', credential: { kind: 'managed-identity' } },
    ],
    rotation: { validityOf, problemOf: () => undefined },
    blindSpots: {
      open: (_type, { tenant }, message, severity?: Severity) => said.set(tenant, `${severity}: ${message}`),
      close: (_type, { tenant }) => said.delete(tenant),
    },
    clock,
  });
  return { watch, said, clock };
}

test('a certificate is worth a word from 30 days before its end, is urgent from 7, and never again once renewed', async () => {
  const path = join(testFolder(), 'app.pem');
  const { watch, said, clock } = aWatch(path);
  const write = (notAfterMs: number) => {
    const validity = { notBefore: new Date(0), notAfter: new Date(notAfterMs) };
    const { cert, key } = createAuthority().issue('app', undefined, validity);
    writeFileSync(path, cert + key);
  };
  const endMs = clock.now() + 31 * dayMs;
  write(endMs);
  const seen: (string | undefined)[] = [];
  for (const days of [0, 2, 24, 8]) {
    clock.advance(days * dayMs);
    await watch.look();
    seen.push(said.get('contoso'));
  }
  const advice =
    'run `defender-siem provision --tenant contoso --rotate`, or register a new one and put it in its place';
  const end = new Date(endMs).toISOString().slice(0, 10);
  expect(seen).toEqual([
    undefined,
    `medium: the certificate ends on ${end}: ${advice}`,
    `high: the certificate ends on ${end}: ${advice}`,
    `high: the certificate ended on ${end}: ${advice}`,
  ]);
  write(clock.now() + 365 * dayMs);
  await watch.look();
  expect(said).toEqual(new Map());
});
