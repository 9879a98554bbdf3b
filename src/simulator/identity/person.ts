import { type EntraRole, entraRoles } from './roles.ts';

/** Who signs in with a device code; tests change it as an administrator would. */
export interface Person {
  /** Object id of the account. */
  readonly objectId: string;
  userPrincipalName: string;
  displayName: string;
  roles: EntraRole[];
  /** Agrees to whatever an application asks for; else the sign-in ends with AADSTS65004. */
  consents: boolean;
  /** The AADSTS code with which every sign-in and refresh of this person ends, such as 53003; undefined for none. */
  refusal: number | undefined;
}

/** Returns the person that a tenant begins with: a Global Administrator who agrees to everything. */
export function globalAdministrator(): Person {
  return {
    objectId: '0b1ec700-5151-4000-8000-000000000a11',
    userPrincipalName: 'admin@tenant.example',
    displayName: 'Simulated Administrator',
    roles: ['Global Administrator'],
    consents: true,
    refusal: undefined,
  };
}

/** In the token of every member of the tenant. */
const memberTemplate = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

/** Returns the claim `wids` of a person with these roles. */
export function widsOf(roles: readonly EntraRole[]): readonly string[] {
  return [...roles.map((role) => entraRoles[role]), memberTemplate];
}

const seers: readonly EntraRole[] = [
  'Global Administrator',
  'Global Reader',
  'Security Administrator',
  'Security Operator',
  'Security Reader',
];

/** Returns whether a person whose token has these `wids` may see alerts, given the delegated permission. */
export function seesAlerts(wids: readonly string[]): boolean {
  return seers.some((role) => wids.includes(entraRoles[role]));
}

const consenters: readonly EntraRole[] = [
  'Global Administrator',
  'Privileged Role Administrator',
  'Application Administrator',
  'Cloud Application Administrator',
];

/** Returns whether a person may agree to delegated permissions for which an administrator is needed. */
export function mayConsent({ roles }: Person): boolean {
  return roles.some((role) => consenters.includes(role));
}
