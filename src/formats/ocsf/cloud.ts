import type { SecurityEvent } from '../../event.ts';
import { choice, chosen } from './choice.ts';
import { member, objectOf, text } from './json.ts';

/** Each cloud by Microsoft's words for it, with the kind of account that its resources belong to. */
const clouds = new Map([
  ['azure', { provider: '"Azure"', account: choice(13, 'Azure Subscription') }],
  ['aws', { provider: '"AWS"', account: choice(10, 'AWS Account') }],
  ['amazon', { provider: '"AWS"', account: choice(10, 'AWS Account') }],
  ['gcp', { provider: '"GCP"', account: choice(11, 'GCP Project') }],
]);

/** 26, 74, 81: the cloud that a resource or virtual machine is in; a subscription alone is Azure's. */
export function cloudObject({ cloudResource, device, tenantId }: SecurityEvent): string {
  const uid = text(cloudResource?.account) || text(device?.subscriptionId);
  const told = cloudResource?.provider ?? device?.cloudProvider ?? (uid === '' ? undefined : 'azure');
  if (told === undefined) return '';
  const known = clouds.get(told.toLowerCase());
  const provider = known?.provider ?? text(told);
  if (provider === '' || told.toLowerCase() === 'unknown') return '';
  const account =
    uid === ''
      ? ''
      : objectOf('uid', uid, known === undefined ? '' : chosen('type_id', 'type', known.account));
  const org = known?.provider === '"Azure"' ? objectOf('uid', text(tenantId)) : '';
  return objectOf('provider', provider, member('account', account) + member('org', org));
}
