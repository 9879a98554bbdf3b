/** Type of a key of the CEF dictionary, and its limit in characters. */
export type CefKeyType =
  | { readonly type: 'string'; readonly max: number }
  | { readonly type: 'integer' | 'long' | 'double' | 'ipv4' | 'ipv6' | 'mac' | 'timestamp' | 'port' };

const strings: Readonly<Record<number, string>> = {
  31: 'app proto',
  40: 'externalId',
  63: 'act outcome',
  100: 'dvchost',
  128:
    'deviceInboundInterface deviceOutboundInterface devicePayloadId flexDate1Label flexNumber1Label ' +
    'flexNumber2Label flexString1Label flexString2Label',
  255:
    'destinationDnsDomain deviceDnsDomain deviceExternalId deviceNtDomain dntdom dtz fileHash sntdom ' +
    'sourceDnsDomain',
  1023:
    'c6a1Label c6a2Label c6a3Label c6a4Label cat cfp1Label cfp2Label cfp3Label cfp4Label cn1Label cn2Label ' +
    'cn3Label cs1Label cs2Label cs3Label cs4Label cs5Label cs6Label destinationServiceName ' +
    'deviceCustomDate1Label deviceCustomDate2Label deviceFacility deviceProcessName dhost dpriv dproc duid ' +
    'duser fileId filePath filePermission fileType flexString1 flexString2 fname msg oldFileHash oldFileId ' +
    'oldFileName oldFilePath oldFilePermission oldFileType reason request requestClientApplication ' +
    'requestCookies requestMethod shost sourceServiceName spriv sproc suid suser',
  2048: 'requestContext',
  4000: 'cs1 cs2 cs3 cs4 cs5 cs6',
};

const others = {
  ipv6: 'c6a1 c6a2 c6a3 c6a4',
  double: 'cfp1 cfp2 cfp3 cfp4',
  long: 'cn1 cn2 cn3 flexNumber1 flexNumber2',
  integer: 'cnt deviceDirection dpid dvcpid fsize in oldFileSize out spid type',
  port: 'destinationTranslatedPort sourceTranslatedPort dpt spt',
  ipv4: 'destinationTranslatedAddress deviceTranslatedAddress dst dvc sourceTranslatedAddress src',
  mac: 'dmac dvcmac smac',
  timestamp:
    'deviceCustomDate1 deviceCustomDate2 end fileCreateTime fileModificationTime flexDate1 oldFileCreateTime ' +
    'oldFileModificationTime rt start',
} as const;

/** Producer keys of spec version 0.1 (CEF Implementation Standard, dictionary). */
export const producerKeys: ReadonlyMap<string, CefKeyType> = new Map([
  ...Object.entries(strings).flatMap(([max, keys]) =>
    keys.split(' ').map((key): [string, CefKeyType] => [key, { type: 'string', max: Number(max) }]),
  ),
  ...(Object.entries(others) as [keyof typeof others, string][]).flatMap(([type, keys]) =>
    keys.split(' ').map((key): [string, CefKeyType] => [key, { type }]),
  ),
]);

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
