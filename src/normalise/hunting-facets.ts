import type {
  CloudResource,
  Device,
  File,
  MailMessage,
  Network,
  Process,
  Registry,
  SecurityEvent,
  User,
} from '../event.ts';
import { deviceFrom } from './device.ts';
import { fileFrom } from './file.ts';
import * as columns from './hunting-columns.ts';
import { columnOf, columnsOf, dynamicOf } from './hunting-values.ts';
import { distinct, isObject, type JsonObject, orNone, textOf, textsOf, timeOf } from './json-value.ts';
import { userFrom } from './user.ts';

/** `Location` is a country in some tables, and a region of a cloud in others. */
const countryCode = /^[A-Za-z]{2}$/;

/** Tables of which a row tells of a process that was started or is evidence; others tell what a process did. */
const tablesOfProcesses = ['DeviceProcessEvents', 'CloudProcessEvents', 'AlertEvidence', 'BehaviorEntities'];

/** Returns the process that was started or is evidence, else the one that did what the row tells. */
export function processOf(row: JsonObject, table: string | undefined): Process | undefined {
  return table !== undefined && tablesOfProcesses.includes(table) ? ownProcess(row) : initiatingProcess(row);
}

function ownProcess(row: JsonObject): Process | undefined {
  const texts = columnsOf(row, columns.processColumns);
  if (texts.commandLine === undefined && texts.pid === undefined) return undefined;
  return {
    ...texts,
    image: fileOf(row),
    started: timeOf(texts.started),
    parentStarted: timeOf(texts.parentStarted),
    parentImage:
      fileFrom(columnsOf(row, columns.initiatingFileColumns)) ??
      fileFrom(columnsOf(row, columns.cloudParentFileColumns)),
    runningWhenDetected: undefined,
    user: userOf(row),
  };
}

function initiatingProcess(row: JsonObject): Process | undefined {
  const texts = columnsOf(row, columns.initiatingProcessColumns);
  return orNone({
    ...texts,
    image: fileFrom(columnsOf(row, columns.initiatingFileColumns)),
    started: timeOf(texts.started),
    parentStarted: timeOf(texts.parentStarted),
    parentImage: fileFrom(columnsOf(row, columns.grandparentFileColumns)),
    runningWhenDetected: undefined,
    user: userFrom(columnsOf(row, columns.initiatingUserColumns)),
  });
}

/** Returns the account that the row is about, else that of the process that did it. */
export function userOf(row: JsonObject): User | undefined {
  return (
    userFrom(columnsOf(row, columns.userColumns)) ?? userFrom(columnsOf(row, columns.initiatingUserColumns))
  );
}

/** Returns the file that the row is about. */
export function fileOf(row: JsonObject): File | undefined {
  return fileFrom(columnsOf(row, columns.fileColumns));
}

/**
 * Returns the device of the row. Rows about the cloud tell the platform of whoever asked without saying which machine it
 * was: that makes no device.
 */
export function deviceOf(row: JsonObject): Device | undefined {
  const name = textOf(row.DeviceName);
  const id = textOf(row.DeviceId);
  if (name === undefined && id === undefined) return undefined;
  return deviceFrom({
    name,
    id,
    entraId: textOf(row.AadDeviceId),
    ipAddresses: distinct([textOf(row.LocalIP), ...addressesOf(row.IPAddresses), ...ownAddress(row)]),
    externalIp: textOf(row.PublicIP),
    os: columnOf(row, ['OSPlatform', 'OSDistribution']),
    osVersion: textOf(row.OSVersion),
    osBuild: textOf(row.OSBuild),
    group: textOf(row.MachineGroup),
    tags: distinct(
      [row.RegistryDeviceTag, row.DeviceManualTags, row.DeviceDynamicTags].flatMap((value) =>
        textsOf(dynamicOf(value)),
      ),
    ),
    healthStatus: textOf(row.SensorHealthState),
    onboardingStatus: textOf(row.OnboardingStatus),
    loggedOnUsers: loggedOnUsersOf(row.LoggedOnUsers),
    vmId: textOf(row.AzureVmId),
    subscriptionId: textOf(row.AzureVmSubscriptionId),
  });
}

/** Tables of sign-ins name the device that somebody came from, with its address. */
function ownAddress(row: JsonObject): readonly (string | undefined)[] {
  return textOf(row.DestinationDeviceName) === undefined ? [] : [textOf(row.IPAddress)];
}

function addressesOf(value: unknown): readonly (string | undefined)[] {
  const list = dynamicOf(value);
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => (isObject(item) ? textOf(item.IPAddress) : textOf(item)));
}

function loggedOnUsersOf(value: unknown): readonly string[] {
  const list = dynamicOf(value);
  if (!Array.isArray(list)) return [];
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
  const at = columnsOf(row, columns.addressColumns);
  if (at.remoteIp !== undefined || at.localPort !== undefined) {
    const incoming = isIncoming(row, action);
    return {
      remoteIp: at.remoteIp,
      remoteIsDestination: !incoming,
      country: undefined,
      sourceIp: incoming ? at.remoteIp : at.localIp,
      sourcePort: incoming ? at.remotePort : at.localPort,
      destinationIp: incoming ? at.localIp : at.remoteIp,
      destinationPort: incoming ? at.localPort : at.remotePort,
      protocol: at.protocol,
    };
  }
  if (at.clientIp === undefined && at.serverIp === undefined) return undefined;
  return {
    remoteIp: at.clientIp,
    remoteIsDestination: false,
    country: countryCode.test(at.country ?? '') ? at.country : undefined,
    sourceIp: at.clientIp,
    sourcePort: at.clientPort,
    destinationIp: at.serverIp,
    destinationPort: at.serverPort,
    protocol: at.protocol,
  };
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

/** Returns the URL of the row, and the host of one that is a mere host, as connections have it. */
export function webOf(row: JsonObject): Pick<SecurityEvent, 'url' | 'domainName'> {
  const found = columnOf(row, ['Url', 'RemoteUrl', 'FileOriginUrl']);
  const isHost = found !== undefined && !/[/?]/.test(found);
  return {
    url: isHost ? undefined : found,
    domainName: textOf(row.UrlDomain) ?? (isHost ? found : undefined),
  };
}

/** Returns the registry key or value; a key's first part is its hive. */
export function registryOf(row: JsonObject): Registry | undefined {
  const texts = columnsOf(row, columns.registryColumns);
  if (texts.key === undefined && texts.valueName === undefined) return undefined;
  const hive = /^HKEY_[A-Z_]+/i.exec(texts.key ?? '')?.[0];
  return { hive, ...texts };
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
  const texts = columnsOf(row, columns.mailColumns);
  if (texts.networkMessageId === undefined && texts.internetMessageId === undefined) return undefined;
  return {
    ...texts,
    received: table !== undefined && tablesOfArrivals.includes(table) ? timeOf(row.Timestamp) : undefined,
    urls: distinct([textOf(row.Url)]),
    threats: textsOf(row.ThreatTypes),
  };
}

/** Returns the resource of a cloud that the row is about. */
export function cloudResourceOf(row: JsonObject): CloudResource | undefined {
  const azure = textOf(row.AzureResourceId);
  const aws = textOf(row.AwsResourceName);
  const gcp = textOf(row.GcpFullResourceName);
  const other = columnOf(row, ['ResourceID', 'ResourceId', 'CloudResourceId']);
  const name = columnOf(row, ['CloudResource', 'StorageAccount']);
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
    type: columnOf(row, ['ResourceType', 'CloudResourceType', 'ServiceType']),
    account: columnOf(row, ['SubscriptionId', 'CloudSubscriptionId', 'Account']),
  };
}
