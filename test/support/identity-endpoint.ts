import { onTestFinished, vi } from 'vitest';
import { loadPackage } from '../../src/runtime/packages.ts';

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
  // The same build of it as the program's: the other one has classes of its own.
  const { ManagedIdentityApplication } = loadPackage('@azure/msal-node') as typeof import('@azure/msal-node');
  const part: object | undefined = Reflect.get(new ManagedIdentityApplication(), 'managedIdentityClient');
  if (part?.constructor.name !== 'ManagedIdentityClient') {
    throw new TypeError('the library keeps the endpoint elsewhere now');
  }
  Reflect.set(part.constructor, 'identitySource', undefined);
}
