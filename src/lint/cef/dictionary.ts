/** Type of a key of the CEF dictionary, and of strings the limit in characters. */
export type CefKeyType =
  | { readonly type: 'string'; readonly max: number }
  | { readonly type: 'integer' | 'long' | 'double' | 'ipv4' | 'ipv6' | 'mac' | 'timestamp' | 'port' };

// Producer keys of the CEF Implementation Standard, spec versions 0.1 to 1.2, by type.

const strings: Readonly<Record<number, string>> = {
  31: 'app proto',
  32: 'threatAttackID',
  40: 'externalId threatActor',
  63: 'act outcome',
  64: 'reportedResourceName reportedResourceType',
  100: 'dvchost',
  128:
    'deviceInboundInterface deviceOutboundInterface devicePayloadId flexDate1Label ' +
    'flexNumber1Label flexNumber2Label flexString1Label flexString2Label ' +
    'reportedResourceGroupName',
  255:
    'destinationDnsDomain deviceDnsDomain deviceExternalId deviceNtDomain dntdom dtz fileHash ' +
    'oldFileHash sntdom sourceDnsDomain',
  256: 'frameworkName reportedResourceID',
  1023:
    'c6a1Label c6a2Label c6a3Label c6a4Label cat cfp1Label cfp2Label cfp3Label cfp4Label cn1Label ' +
    'cn2Label cn3Label cs1Label cs2Label cs3Label cs4Label cs5Label cs6Label ' +
    'destinationServiceName deviceCustomDate1Label deviceCustomDate2Label deviceFacility ' +
    'deviceProcessName dhost dpriv dproc duid duser fileId filePath filePermission fileType ' +
    'flexString1 flexString2 fname msg oldFileId oldFileName oldFilePath oldFilePermission ' +
    'oldFileType reason request requestClientApplication requestCookies requestMethod shost ' +
    'sourceServiceName spriv sproc suid suser',
  2048: 'requestContext',
  4000: 'cs1 cs2 cs3 cs4 cs5 cs6',
};

const others = {
  ipv6: 'c6a1 c6a2 c6a3 c6a4',
  double: 'cfp1 cfp2 cfp3 cfp4',
  long:
    'agentTranslatedZoneKey agentZoneKey cn1 cn2 cn3 customerKey deviceTranslatedZoneKey ' +
    'deviceZoneKey dTranslatedZoneKey dZoneKey flexNumber1 flexNumber2 reportedDuration ' +
    'sTranslatedZoneKey sZoneKey',
  integer: 'cnt deviceDirection dpid dvcpid fsize in oldFileSize out spid type',
  port: 'destinationTranslatedPort dpt sourceTranslatedPort spt',
  ipv4: 'destinationTranslatedAddress deviceTranslatedAddress dst dvc sourceTranslatedAddress src',
  mac: 'dmac dvcmac smac',
  timestamp:
    'deviceCustomDate1 deviceCustomDate2 end fileCreateTime fileModificationTime flexDate1 ' +
    'oldFileCreateTime oldFileModificationTime rt start',
} as const;

/** Full names of the keys that have another one: readers know them by the key alone. */
const fullNames =
  'act=deviceAction app=applicationProtocol c6a1=deviceCustomIPv6Address1 ' +
  'c6a1Label=deviceCustomIPv6Address1Label c6a2=deviceCustomIPv6Address2 ' +
  'c6a2Label=deviceCustomIPv6Address2Label c6a3=deviceCustomIPv6Address3 ' +
  'c6a3Label=deviceCustomIPv6Address3Label c6a4=deviceCustomIPv6Address4 ' +
  'c6a4Label=deviceCustomIPv6Address4Label cat=deviceEventCategory cfp1=deviceCustomFloatingPoint1 ' +
  'cfp1Label=deviceCustomFloatingPoint1Label cfp2=deviceCustomFloatingPoint2 ' +
  'cfp2Label=deviceCustomFloatingPoint2Label cfp3=deviceCustomFloatingPoint3 ' +
  'cfp3Label=deviceCustomFloatingPoint3Label cfp4=deviceCustomFloatingPoint4 ' +
  'cfp4Label=deviceCustomFloatingPoint4Label cn1=deviceCustomNumber1 ' +
  'cn1Label=deviceCustomNumber1Label cn2=deviceCustomNumber2 cn2Label=deviceCustomNumber2Label ' +
  'cn3=deviceCustomNumber3 cn3Label=deviceCustomNumber3Label cnt=baseEventCount ' +
  'cs1=deviceCustomString1 cs1Label=deviceCustomString1Label cs2=deviceCustomString2 ' +
  'cs2Label=deviceCustomString2Label cs3=deviceCustomString3 cs3Label=deviceCustomString3Label ' +
  'cs4=deviceCustomString4 cs4Label=deviceCustomString4Label cs5=deviceCustomString5 ' +
  'cs5Label=deviceCustomString5Label cs6=deviceCustomString6 cs6Label=deviceCustomString6Label ' +
  'dhost=destinationHostName dmac=destinationMacAddress dntdom=destinationNtDomain ' +
  'dpid=destinationProcessId dpriv=destinationUserPrivileges dproc=destinationProcessName ' +
  'dpt=destinationPort dst=destinationAddress dtz=deviceTimeZone duid=destinationUserId ' +
  'duser=destinationUserName dvc=deviceAddress dvchost=deviceHostName dvcmac=deviceMacAddress ' +
  'dvcpid=deviceProcessId end=endTime fname=filename fsize=fileSize in=bytesIn msg=message ' +
  'out=bytesOut outcome=eventOutcome proto=transportProtocol request=requestUrl ' +
  'rt=deviceReceiptTime shost=sourceHostName smac=sourceMacAddress sntdom=sourceNtDomain ' +
  'spid=sourceProcessId spriv=sourceUserPrivileges sproc=sourceProcessName spt=sourcePort ' +
  'src=sourceAddress start=startTime suid=sourceUserId suser=sourceUserName';

const laterKeys =
  'agentTranslatedZoneKey agentZoneKey customerKey deviceTranslatedZoneKey deviceZoneKey ' +
  'dTranslatedZoneKey dZoneKey frameworkName reportedDuration reportedResourceGroupName ' +
  'reportedResourceID reportedResourceName reportedResourceType sTranslatedZoneKey sZoneKey ' +
  'threatActor threatAttackID';

/** Every producer key with its type. */
export const producerKeys: ReadonlyMap<string, CefKeyType> = new Map([
  ...Object.entries(strings).flatMap(([max, keys]) =>
    keys.split(' ').map((key): [string, CefKeyType] => [key, { type: 'string', max: Number(max) }]),
  ),
  ...(Object.entries(others) as [keyof typeof others, string][]).flatMap(([type, keys]) =>
    keys.split(' ').map((key): [string, CefKeyType] => [key, { type }]),
  ),
]);

/** Keys that came with spec version 1.2: readers of CEF:0 do not know them. */
export const keysOfVersion1: ReadonlySet<string> = new Set(laterKeys.split(' '));

/** The key that a full name of the dictionary stands for. */
export const keyOfFullName: ReadonlyMap<string, string> = new Map(
  fullNames.split(' ').map((pair): [string, string] => {
    const [key = '', name = ''] = pair.split('=');
    return [name, key];
  }),
);

/** Keys of the consumer half of the dictionary, which a producer must not send. */
export const consumerKeys: ReadonlySet<string> = new Set(
  (
    'agentDnsDomain agentNtDomain agentTranslatedAddress agentTranslatedZoneExternalID ' +
    'agentTranslatedZoneURI agentZoneExternalID agentZoneURI agt ahost aid amac art at atz av ' +
    'customerExternalID customerURI destinationTranslatedZoneExternalID destinationTranslatedZoneURI ' +
    'destinationZoneExternalID destinationZoneURI deviceTranslatedZoneExternalID deviceTranslatedZoneURI ' +
    'deviceZoneExternalID deviceZoneURI dlat dlong eventId rawEvent slat slong ' +
    'sourceTranslatedZoneExternalID sourceTranslatedZoneURI sourceZoneExternalID sourceZoneURI'
  ).split(' '),
);

/** Custom fields whose meaning a label must tell. */
export const labelledKeys: ReadonlySet<string> = new Set(
  [...producerKeys.keys()].filter((key) => key.endsWith('Label')).map((key) => key.slice(0, -'Label'.length)),
);
