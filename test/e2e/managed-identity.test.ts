import { expect, test, vi } from 'vitest';
import { noPermissions } from '../../src/simulator/identity/registration.ts';
import { CredentialRig } from '../support/credential-rig.ts';

// In a process of its own, and one test: Microsoft's library looks once in a process where the endpoint is.
test('managed identities collect: the machine’s, and one that a user assigned, by either of its ids', async () => {
  const first = await CredentialRig.make(['graph', 'defender']);
  const { control, managedIdentity } = first.simulator;
  for (const [name, value] of Object.entries(managedIdentity.environment.virtualMachine)) {
    vi.stubEnv(name, value);
  }
  control.fault({ target: 'managed-identity', kind: 'status', status: 410, times: 1 });
  const [own, assigned] = control.managedIdentities;
  for (const identity of [{}, { clientId: assigned?.clientId }, { resourceId: assigned?.resourceId }]) {
    const rig = first.another();
    const stop = await rig.start(rig.config({ managedIdentity: identity }));
    await rig.delivered();
    await rig.collectsWithFreshTokens();
    await stop();
    expect(control.faults()).toEqual([]);
    // From here on only the identity that is named can read.
    if (own !== undefined) control.managedIdentities[0] = { ...own, roles: noPermissions() };
  }
});
