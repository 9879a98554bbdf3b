import type { Api } from './clouds.ts';

/** The APIs whose permissions are app roles of a resource; the SIEM API checks the application itself. */
export type Resource = Exclude<Api, 'siem'>;

/** Each resource's own application, the same in every tenant and cloud (reference §11.2). */
export const resourceAppIds: Readonly<Record<Resource, string>> = {
  graph: '00000003-0000-0000-c000-000000000000',
  defender: 'fc780465-2017-40d4-a0c5-307022471b92',
  xdr: '8ee8fdad-f234-4243-8f3b-15c294843740',
};

/** What Entra ID's pages call each resource. */
export const resourceNames: Readonly<Record<Resource, string>> = {
  graph: 'Microsoft Graph',
  defender: 'WindowsDefenderATP',
  xdr: 'Microsoft Threat Protection',
};
