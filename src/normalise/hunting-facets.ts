import type { CloudResource, Device, File, MailMessage, Network, Process, User } from '../event.ts';
import { withNames } from './device.ts';
import { fileFrom } from './file.ts';
import { fileOf, initiatingFileOf, initiatingUserOf, ownUserOf } from './hunting-columns.ts';
import { dynamicOf } from './hunting-values.ts';
import {
  distinct,
  isObject,
  type JsonObject,
  noTexts,
  orNone,
  textOf,
  textsOf,
  timeOf,
} from './json-value.ts';

/** `Location` is a country in some tables, and a region of a cloud in others. */
const countryCode = /^[A-Za-z]{2}$/;

/** Tables of which a row tells of a process that was started or is evidence; others tell what a process did. */
const tablesOfProcesses = ['DeviceProcessEvents', 'CloudProcessEvents', 'AlertEvidence', 'BehaviorEntities'];

/** Returns the process that was started or is evidence, else the one that did what the row tells. */
export function processOf(row: JsonObject, table: string | undefined): Process | undefined {
  return table !== undefined && tablesOfProcesses.includes(table) ? ownProcess(row) : initiatingProcess(row);
}

/** A process that was started: its parent is the one that did it. */
function ownProcess(row: JsonObject): Process | undefined {
  const commandLine = textOf(row.ProcessCommandLine);
  const pid = textOf(row.ProcessId);
  if (commandLine === undefined && pid === undefined) return undefined;
  return {
    image: fileOf(row),
    commandLine,
    pid,
    started: timeOf(row.ProcessCreationTime),
    parentPid: textOf(row.ParentProcessId) ?? textOf(row.InitiatingProcessId),
    parentStarted: timeOf(row.InitiatingProcessCreationTime),
    // Of a container's process, the parent's name stands without the rest.
    parentImage: initiatingFileOf(row) ?? namedFile(row.ParentProcessName),
    runningWhenDetected: undefined,
    user: userOf(row),
  };
}

/** The process that did what the row tells; the name alone is known of its parent. */
function initiatingProcess(row: JsonObject): Process | undefined {
  return orNone({
    image: initiatingFileOf(row),
    commandLine: textOf(row.InitiatingProcessCommandLine),
    pid: textOf(row.InitiatingProcessId),
    started: timeOf(row.InitiatingProcessCreationTime),
    parentPid: textOf(row.InitiatingProcessParentId),
    parentStarted: timeOf(row.InitiatingProcessParentCreationTime),
    parentImage: namedFile(row.InitiatingProcessParentFileName),
    runningWhenDetected: undefined,
    user: initiatingUserOf(row),
  });
}

function namedFile(value: unknown): File | undefined {
  const name = textOf(value);
  return name === undefined ? undefined : fileFrom({ name });
}

/** Returns the account that the row is about, else that of the process that did it. */
export function userOf(row: JsonObject): User | undefined {
  return ownUserOf(row) ?? initiatingUserOf(row);
}

/**
 * Returns the device of the row. Rows about the cloud tell the platform of whoever asked without saying which machine it
 * was: that makes no device.
 */
export function deviceOf(row: JsonObject): Device | undefined {
  const name = textOf(row.DeviceName);
  const id = textOf(row.DeviceId);
  if (name === undefined && id === undefined) return undefined;
  return withNames({
    name,
    shortName: undefined,
    domain: undefined,
    ntDomain: undefined,
    id,
    entraId: textOf(row.AadDeviceId),
    ipAddresses: addressesOf(row),
    externalIp: textOf(row.PublicIP),
    os: textOf(row.OSPlatform) ?? textOf(row.OSDistribution),
    osVersion: textOf(row.OSVersion),
    osBuild: textOf(row.OSBuild),
    group: textOf(row.MachineGroup),
    tags: tagsOf(row),
    riskScore: undefined,
    healthStatus: textOf(row.SensorHealthState),
    onboardingStatus: textOf(row.OnboardingStatus),
    antivirusStatus: undefined,
    loggedOnUsers: loggedOnUsersOf(row.LoggedOnUsers),
    vmId: textOf(row.AzureVmId),
    cloudProvider: undefined,
    subscriptionId: textOf(row.AzureVmSubscriptionId),
    firstSeen: undefined,
  });
}

/** The device's own addresses; tables of sign-ins name the device that somebody came from, with its address. */
function addressesOf(row: JsonObject): readonly string[] {
  const local = textOf(row.LocalIP);
  const list = dynamicOf(row.IPAddresses);
  const own = textOf(row.DestinationDeviceName) === undefined ? undefined : textOf(row.IPAddress);
  if (!Array.isArray(list) && own === undefined) return local === undefined ? noTexts : [local];
  const listed = Array.isArray(list) ? list.map(addressOf) : noTexts;
  return distinct([local, ...listed, own]);
}

function addressOf(item: unknown): string | undefined {
  return isObject(item) ? textOf(item.IPAddress) : textOf(item);
}

function tagsOf(row: JsonObject): readonly string[] {
  const own = textsOf(dynamicOf(row.RegistryDeviceTag));
  const manual = textsOf(dynamicOf(row.DeviceManualTags));
  const dynamic = textsOf(dynamicOf(row.DeviceDynamicTags));
  return own.length + manual.length + dynamic.length === 0
    ? noTexts
    : distinct([...own, ...manual, ...dynamic]);
}

function loggedOnUsersOf(value: unknown): readonly string[] {
  const list = dynamicOf(value);
  if (!Array.isArray(list)) return noTexts;
  return distinct(
    list.filter(isObject).map((user) => {
      const name = textOf(user.UserName);
      const domain = textOf(user.DomainName);
      return name === undefined || domain === undefined ? name : `${domain}\\${name}`;
    }),
  );
}

/**
 * Returns the connection: of a device's row the far end by which of both opened it, of a sign-in or a request to the
 * cloud where it came from and, if told, where it went.
 */
export function networkOf(row: JsonObject, action: string | undefined): Network | undefined {
  const remoteIp = textOf(row.RemoteIP);
  const localPort = textOf(row.LocalPort);
  if (remoteIp === undefined && localPort === undefined) return requestOf(row);
  const remotePort = textOf(row.RemotePort);
  const localIp = textOf(row.LocalIP);
  const incoming = isIncoming(row, action);
  return {
    remoteIp,
    remoteIsDestination: !incoming,
    country: undefined,
    sourceIp: incoming ? remoteIp : localIp,
    sourcePort: incoming ? remotePort : localPort,
    destinationIp: incoming ? localIp : remoteIp,
    destinationPort: incoming ? localPort : remotePort,
    protocol: protocolOf(row),
  };
}

/** A sign-in, or a request to the cloud. */
function requestOf(row: JsonObject): Network | undefined {
  const clientIp =
    textOf(row.IPAddress) ??
    textOf(row.RequestSourceIP) ??
    textOf(row.FileOriginIP) ??
    textOf(row.InitiatingProcessRemoteSessionIP);
  const serverIp = textOf(row.DestinationIPAddress);
  if (clientIp === undefined && serverIp === undefined) return undefined;
  const country = textOf(row.CountryCode) ?? textOf(row.Location);
  return {
    remoteIp: clientIp,
    remoteIsDestination: false,
    country: country !== undefined && countryCode.test(country) ? country : undefined,
    sourceIp: clientIp,
    sourcePort: textOf(row.Port) ?? textOf(row.RequestSourcePort),
    destinationIp: serverIp,
    destinationPort: textOf(row.DestinationPort),
    protocol: protocolOf(row),
  };
}

function protocolOf(row: JsonObject): string | undefined {
  return textOf(row.Protocol) ?? textOf(row.RequestProtocol);
}

/** True where the far end came to the device: connections that it took, logons, and evidence that says so. */
function isIncoming(row: JsonObject, action: string | undefined): boolean {
  return (
    action?.includes('Inbound') === true ||
    action?.startsWith('Listening') === true ||
    action?.startsWith('Logon') === true ||
    textOf(row.EvidenceDirection) === 'Source'
  );
}

/** Returns the URL of the row, as it is told: a mere host too. */
export function webAddressOf(row: JsonObject): string | undefined {
  return textOf(row.Url) ?? textOf(row.RemoteUrl) ?? textOf(row.FileOriginUrl);
}

/** True where it is a mere host, as connections have it. */
export function isHost(webAddress: string): boolean {
  return !webAddress.includes('/') && !webAddress.includes('?');
}

/** Tables of which a row's time is that of a mail's or message's arrival; others tell what became of it later. */
const tablesOfArrivals = [
  'EmailEvents',
  'EmailAttachmentInfo',
  'EmailUrlInfo',
  'MessageEvents',
  'MessageUrlInfo',
];

/** Returns the mail or message that the row is about. */
export function messageOf(row: JsonObject, table: string | undefined): MailMessage | undefined {
  const networkMessageId = textOf(row.NetworkMessageId) ?? textOf(row.TeamsMessageId);
  const internetMessageId = textOf(row.InternetMessageId);
  if (networkMessageId === undefined && internetMessageId === undefined) return undefined;
  return {
    subject: textOf(row.Subject) ?? textOf(row.EmailSubject),
    sender: textOf(row.SenderFromAddress) ?? textOf(row.SenderEmailAddress),
    envelopeSender: textOf(row.SenderMailFromAddress),
    senderIp: textOf(row.SenderIPv4) ?? textOf(row.SenderIPv6),
    recipient: textOf(row.RecipientEmailAddress),
    internetMessageId,
    networkMessageId,
    deliveryAction: textOf(row.DeliveryAction),
    deliveryLocation: textOf(row.DeliveryLocation) ?? textOf(row.LatestDeliveryLocation),
    direction: textOf(row.EmailDirection),
    received: table !== undefined && tablesOfArrivals.includes(table) ? timeOf(row.Timestamp) : undefined,
    urls: distinct([textOf(row.Url)]),
    threats: textsOf(row.ThreatTypes),
    attachmentsCount: textOf(row.AttachmentCount),
  };
}

/** Returns the resource of a cloud that the row is about. */
export function cloudResourceOf(row: JsonObject): CloudResource | undefined {
  const azure = textOf(row.AzureResourceId);
  const aws = textOf(row.AwsResourceName);
  const gcp = textOf(row.GcpFullResourceName);
  const other = textOf(row.ResourceID) ?? textOf(row.ResourceId) ?? textOf(row.CloudResourceId);
  const name = textOf(row.CloudResource) ?? textOf(row.StorageAccount);
  const id = azure ?? aws ?? gcp ?? other;
  if (id === undefined && name === undefined) return undefined;
  const platform = (textOf(row.CloudPlatform) ?? textOf(row.DataSource))?.toLowerCase() ?? '';
  return {
    provider:
      azure !== undefined || platform.includes('azure')
        ? 'azure'
        : aws !== undefined || /aws|amazon/.test(platform)
          ? 'aws'
          : gcp !== undefined || /gcp|google/.test(platform)
            ? 'gcp'
            : undefined,
    id,
    name,
    type: textOf(row.ResourceType) ?? textOf(row.CloudResourceType) ?? textOf(row.ServiceType),
    account: textOf(row.SubscriptionId) ?? textOf(row.CloudSubscriptionId) ?? textOf(row.Account),
  };
}
