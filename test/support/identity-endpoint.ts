import { ManagedIdentityApplication } from '@azure/msal-node';
import { onTestFinished, vi } from 'vitest';

/**
 * Sets the environment by which a platform tells where managed identities are, until the test is over. Microsoft's library
 * looks once in a process: it is made to look anew, now and afterwards.
 */
export function stubIdentityEndpoint(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  lookAnew();
  onTestFinished(() => {
    vi.unstubAllEnvs();
    lookAnew();
  });
}

/** The library keeps the endpoint with the class of a part of its own, which it does not show. */
function lookAnew(): void {
  const part: object | undefined = Reflect.get(new ManagedIdentityApplication(), 'managedIdentityClient');
  if (part?.constructor.name !== 'ManagedIdentityClient') {
    throw new TypeError('the library keeps the endpoint elsewhere now');
  }
  Reflect.set(part.constructor, 'identitySource', undefined);
}
