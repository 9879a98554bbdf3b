import { hash } from 'node:crypto';
import { isObject, type JsonObject, objectOf, textOf } from './json-value.ts';

/** Characters of a hash: 66 bits, so that no two pieces of an alert share one by chance or by choice. */
const identityCharacters = 11;
/** How deep evidence of an unknown kind is read for what tells it from others. */
const knownDepth = 3;

const ofFile = 'sha1|sha256|md5 filePath fileName';
const ofGraphFile =
  'fileDetails.sha1|fileDetails.sha256|fileDetails.md5 fileDetails.filePath fileDetails.fileName';
const ofAccount =
  'userAccount.azureAdUserId|userAccount.userSid|userAccount.userPrincipalName|userAccount.accountName userAccount.domainName';
const ofConnection =
  'sourceAddress.ipAddress sourcePort destinationAddress.ipAddress destinationPort protocol';
const ofRegistry = 'registryHive registryKey';

/**
 * What makes two pieces of evidence the same across the states of an alert, by kind: fields apart by spaces, each the
 * first of its alternatives that is there. Verdicts, roles and times of observation are none of it. Graph's kinds are
 * named as behind `#microsoft.graph.security.` (API reference §6.4), those of Defender for Endpoint by `entityType` in
 * lower case (§4.3).
 */
const naturalKeys = {
  deviceEvidence: 'mdeDeviceId|azureAdDeviceId|deviceDnsName|hostName',
  ioTDeviceEvidence: 'deviceId|deviceName',
  userEvidence: ofAccount,
  fileEvidence: `${ofGraphFile} mdeDeviceId`,
  processEvidence:
    'processId processCreationDateTime imageFile.sha1|imageFile.sha256|imageFile.filePath imageFile.fileName mdeDeviceId',
  ipEvidence: 'ipAddress',
  networkConnectionEvidence: ofConnection,
  urlEvidence: 'url',
  dnsEvidence: 'domainName',
  registryKeyEvidence: `${ofRegistry} mdeDeviceId`,
  registryValueEvidence: `${ofRegistry} registryValueName mdeDeviceId`,
  securityGroupEvidence: 'securityGroupId|sid|displayName',
  analyzedMessageEvidence: 'networkMessageId|internetMessageId recipientEmailAddress',
  submissionMailEvidence: 'networkMessageId recipient',
  mailboxEvidence: 'primaryAddress|upn',
  mailboxConfigurationEvidence: 'mailboxPrimaryAddress|upn configurationType configurationId',
  mailClusterEvidence: 'clusterBy clusterByValue query',
  cloudApplicationEvidence: 'appId|saasAppId|displayName instanceId|instanceName',
  oauthApplicationEvidence: 'appId|objectId|displayName',
  servicePrincipalEvidence: 'servicePrincipalObjectId|appId|servicePrincipalName',
  azureResourceEvidence: 'resourceId|resourceName',
  amazonResourceEvidence: 'amazonResourceId|resourceName',
  googleCloudResourceEvidence: 'fullResourceName|resourceName',
  containerEvidence: 'containerId',
  blobEvidence: 'url',
  blobContainerEvidence: 'url',

  user: 'aadUserId|userSid|userPrincipalName|accountName domainName',
  file: ofFile,
  process: `processId processCreationTime ${ofFile}`,
  ip: 'ipAddress',
  url: 'url',
  domain: 'domainName',
  registry: `${ofRegistry} registryValueName`,
  mailmessage: 'networkMessageId|internetMessageId recipient',
  mailbox: 'mailboxAddress|primaryAddress|userPrincipalName',
  mailcluster: 'clusterBy clusterByValue query',
  cloudapplication: 'applicationId|appId|applicationName|displayName instanceName',
  securitygroup: 'securityGroupId|securityGroupName|displayName',
  machine: 'machineId|mdeDeviceId|computerDnsName|deviceDnsName',
} as const satisfies Readonly<Record<string, string>>;

type Path = readonly string[];

const fieldsOf: ReadonlyMap<string, readonly (readonly Path[])[]> = new Map(
  Object.entries(naturalKeys).map(([type, fields]) => [
    type,
    fields.split(' ').map((field) => field.split('|').map((path) => path.split('.'))),
  ]),
);

/** Fields that change while the evidence stays what it is; where a kind is unknown, all others tell it apart. */
const passing: ReadonlySet<string> = new Set([
  'createdDateTime',
  'evidenceCreationTime',
  'verdict',
  'remediationStatus',
  'remediationStatusDetails',
  'detectionStatus',
  'roles',
  'detailedRoles',
  'tags',
  'riskScore',
  'healthStatus',
]);

/**
 * Ids that Microsoft gives, random in nearly all of their digits: they are not hashed again but cut short. More than half
 * of all evidence is devices and users, and a hash takes longer than all else that acceptance does with a piece.
 */
const ownIds: ReadonlyMap<string, Path> = new Map([
  ['deviceEvidence', ['mdeDeviceId']],
  ['userEvidence', ['userAccount', 'azureAdUserId']],
  ['user', ['aadUserId']],
  ['machine', ['machineId']],
]);

/** Characters of such an id: 64 bits of a device's, 52 of a user's. */
const ownIdCharacters = 16;

/**
 * Returns what tells this piece of evidence from the others of its alert, in every state of it: a short hash, or the
 * beginning of an id that is as good as one.
 */
export function evidenceIdentity(type: string, item: JsonObject): string {
  const path = ownIds.get(type);
  const ownId = path && valueAt(item, path);
  if (ownId !== undefined && beginsInHex(ownId)) return type.charAt(0) + ownId.slice(0, ownIdCharacters);
  const text = `${type}\n${naturalKey(type, item) ?? allOf(item)}`;
  return hash('sha1', text, 'base64url').slice(0, identityCharacters);
}

/** True where the id is one: a hash in hexadecimal digits, or a GUID. */
function beginsInHex(text: string): boolean {
  if (text.length < 32) return false;
  for (let at = 0; at < ownIdCharacters; at++) {
    const code = text.charCodeAt(at);
    const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || code === 0x2d;
    if (!isHex) return false;
  }
  return true;
}

/** The kind's own key, its parts a line each; undefined when the kind is unknown or no part of its key is there. */
function naturalKey(type: string, item: JsonObject): string | undefined {
  const fields = fieldsOf.get(type);
  if (fields === undefined) return undefined;
  let key = '';
  let found = false;
  for (const alternatives of fields) {
    const value = firstOf(item, alternatives);
    found ||= value !== undefined;
    key += `${value ?? ''}\n`;
  }
  return found ? key : undefined;
}

function firstOf(item: JsonObject, alternatives: readonly Path[]): string | undefined {
  for (const path of alternatives) {
    const value = valueAt(item, path);
    if (value !== undefined) return value;
  }
  return undefined;
}

function valueAt(item: JsonObject, [first = '', second]: Path): string | undefined {
  return textOf(second === undefined ? item[first] : objectOf(item[first])[second]);
}

/** What stands in the evidence, but for what passes, down to some depth: nesting has no bound of its own. */
function allOf(item: JsonObject, depth = 1): string {
  let all = '';
  for (const [name, value] of Object.entries(item)) {
    if (passing.has(name)) continue;
    if (!isObject(value)) all += `${name}=${textOf(value) ?? String(value === true)}\n`;
    else if (depth < knownDepth) all += `${name}\n${allOf(value, depth + 1)}`;
  }
  return all;
}
