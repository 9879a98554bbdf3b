/** The tenants of a sink that uses the identity of none. */
export function noTenant(tenant: string): never {
  throw new Error(`this sink has no tenant ${tenant}`);
}
