import type { Application, Container, File, MailMessage, Process, Registry, User } from '../event.ts';

/**
 * Where a fact stands in a row of advanced hunting: its column, or several of which the first that holds a value is
 * taken (API reference §10.5).
 */
export type Columns = string | readonly string[];

/** The columns of a facet's texts, by the names of its fields; fields that are no text have readers of their own. */
type ColumnsOf<Facet> = { readonly [Field in keyof Facet]?: Columns };
type FileColumns = ColumnsOf<Omit<File, 'path'>>;

/** The file that an event is about; of a table of processes, the image of the one that was started. */
export const fileColumns = {
  name: 'FileName',
  folder: 'FolderPath',
  sha1: 'SHA1',
  sha256: 'SHA256',
  md5: 'MD5',
  size: 'FileSize',
  publisher: 'ProcessVersionInfoCompanyName',
  signer: 'Signer',
  issuer: 'Issuer',
} as const satisfies FileColumns;

/** The image of the process that did what the row tells. */
export const initiatingFileColumns = {
  name: 'InitiatingProcessFileName',
  folder: 'InitiatingProcessFolderPath',
  sha1: 'InitiatingProcessSHA1',
  sha256: 'InitiatingProcessSHA256',
  md5: 'InitiatingProcessMD5',
  size: 'InitiatingProcessFileSize',
  publisher: 'InitiatingProcessVersionInfoCompanyName',
} as const satisfies FileColumns;

/** The name alone is known of the parent of the process that did it. */
export const grandparentFileColumns = {
  name: 'InitiatingProcessParentFileName',
} as const satisfies FileColumns;

/** Of a container's process, the parent's name stands without the rest. */
export const cloudParentFileColumns = { name: 'ParentProcessName' } as const satisfies FileColumns;

type ProcessTexts = Pick<Process, 'commandLine' | 'pid' | 'started' | 'parentPid' | 'parentStarted'>;

/** A process that was started: its parent is the one that did it. */
export const processColumns = {
  commandLine: 'ProcessCommandLine',
  pid: 'ProcessId',
  started: 'ProcessCreationTime',
  parentPid: ['ParentProcessId', 'InitiatingProcessId'],
  parentStarted: 'InitiatingProcessCreationTime',
} as const satisfies ColumnsOf<ProcessTexts>;

/** The process that did what the row tells. */
export const initiatingProcessColumns = {
  commandLine: 'InitiatingProcessCommandLine',
  pid: 'InitiatingProcessId',
  started: 'InitiatingProcessCreationTime',
  parentPid: 'InitiatingProcessParentId',
  parentStarted: 'InitiatingProcessParentCreationTime',
} as const satisfies ColumnsOf<ProcessTexts>;

/** The account that an event is about; of a request over the network, whose it was. */
export const userColumns = {
  name: ['AccountName', 'RequestAccountName'],
  domain: ['AccountDomain', 'RequestAccountDomain'],
  sid: ['AccountSid', 'RequestAccountSid', 'OnPremSid', 'CloudSid'],
  entraId: 'AccountObjectId',
  upn: ['AccountUpn', 'EmailAddress'],
  displayName: 'AccountDisplayName',
} as const satisfies ColumnsOf<User>;

/** The account of the process that did it. */
export const initiatingUserColumns = {
  name: 'InitiatingProcessAccountName',
  domain: 'InitiatingProcessAccountDomain',
  sid: 'InitiatingProcessAccountSid',
  entraId: 'InitiatingProcessAccountObjectId',
  upn: 'InitiatingProcessAccountUpn',
} as const satisfies ColumnsOf<User>;

export const registryColumns = {
  key: ['RegistryKey', 'PreviousRegistryKey'],
  valueName: ['RegistryValueName', 'PreviousRegistryValueName'],
  value: 'RegistryValueData',
  valueType: 'RegistryValueType',
} as const satisfies ColumnsOf<Pick<Registry, 'key' | 'valueName' | 'value' | 'valueType'>>;

type MailTexts = Omit<MailMessage, 'received' | 'urls' | 'threats'>;

export const mailColumns = {
  subject: ['Subject', 'EmailSubject'],
  sender: ['SenderFromAddress', 'SenderEmailAddress'],
  envelopeSender: 'SenderMailFromAddress',
  senderIp: ['SenderIPv4', 'SenderIPv6'],
  recipient: 'RecipientEmailAddress',
  internetMessageId: 'InternetMessageId',
  networkMessageId: ['NetworkMessageId', 'TeamsMessageId'],
  deliveryAction: 'DeliveryAction',
  deliveryLocation: ['DeliveryLocation', 'LatestDeliveryLocation'],
  direction: 'EmailDirection',
  attachmentsCount: 'AttachmentCount',
} as const satisfies ColumnsOf<MailTexts>;

export const applicationColumns = {
  name: ['Application', 'AppName', 'Workload'],
  id: ['ApplicationId', 'OAuthApplicationId', 'OAuthAppId', 'AccountApplicationId'],
  instanceName: 'AppInstanceId',
} as const satisfies ColumnsOf<Pick<Application, 'name' | 'id' | 'instanceName'>>;

export const containerColumns = {
  id: 'ContainerId',
  name: ['ContainerName', 'StorageContainer'],
  image: 'ContainerImageName',
  pod: 'KubernetesPodName',
  namespace: 'KubernetesNamespace',
} as const satisfies ColumnsOf<Pick<Container, 'id' | 'name' | 'image' | 'pod' | 'namespace'>>;

/** Where the address of a row's far end, or of whoever asked, stands with its port. */
export const addressColumns = {
  remoteIp: 'RemoteIP',
  remotePort: 'RemotePort',
  localIp: 'LocalIP',
  localPort: 'LocalPort',
  clientIp: ['IPAddress', 'RequestSourceIP', 'FileOriginIP', 'InitiatingProcessRemoteSessionIP'],
  clientPort: ['Port', 'RequestSourcePort'],
  serverIp: 'DestinationIPAddress',
  serverPort: 'DestinationPort',
  protocol: ['Protocol', 'RequestProtocol'],
  country: ['CountryCode', 'Location'],
} as const satisfies Readonly<Record<string, Columns>>;
