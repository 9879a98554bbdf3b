import { cef } from '../../../src/formats/cef/cef.ts';

/** Columns that are not named after their key's full name by the pattern (formats reference §2.7), and types other than text. */
const columnOf: Readonly<Record<string, readonly (readonly [name: string, type: string])[]>> = {
  act: [['DeviceAction', 'string']],
  c6a1: [['DeviceCustomIPv6Address1', 'string']],
  c6a2: [['DeviceCustomIPv6Address2', 'string']],
  c6a3: [['DeviceCustomIPv6Address3', 'string']],
  cat: [['DeviceEventCategory', 'string']],
  cn1: number(1),
  cn2: number(2),
  cn3: number(3),
  cs1: [['DeviceCustomString1', 'string']],
  cs2: [['DeviceCustomString2', 'string']],
  cs3: [['DeviceCustomString3', 'string']],
  cs4: [['DeviceCustomString4', 'string']],
  cs5: [['DeviceCustomString5', 'string']],
  cs6: [['DeviceCustomString6', 'string']],
  destinationServiceName: [['DestinationServiceName', 'string']],
  deviceCustomDate1: [['DeviceCustomDate1', 'string']],
  deviceCustomDate2: [['DeviceCustomDate2', 'string']],
  deviceDirection: [['CommunicationDirection', 'string']],
  deviceDnsDomain: [['DeviceDnsDomain', 'string']],
  deviceExternalId: [['DeviceExternalID', 'string']],
  deviceNtDomain: [['DeviceNtDomain', 'string']],
  deviceTranslatedAddress: [['DeviceTranslatedAddress', 'string']],
  dhost: [['DestinationHostName', 'string']],
  dpid: [['DestinationProcessId', 'int']],
  dproc: [['DestinationProcessName', 'string']],
  dpt: [['DestinationPort', 'int']],
  dst: [['DestinationIP', 'string']],
  duser: [['DestinationUserName', 'string']],
  dvc: [['DeviceAddress', 'string']],
  dvchost: [['DeviceName', 'string']],
  end: [['EndTime', 'datetime']],
  // `ExternalID` is a number, and to go: text of this key is in `ExtID`.
  externalId: [['ExtID', 'string']],
  fileHash: [['FileHash', 'string']],
  filePath: [['FilePath', 'string']],
  flexNumber1: [['FlexNumber1', 'int']],
  flexNumber2: [['FlexNumber2', 'int']],
  flexString1: [['FlexString1', 'string']],
  flexString2: [['FlexString2', 'string']],
  fname: [['FileName', 'string']],
  fsize: [['FileSize', 'int']],
  msg: [['Message', 'string']],
  outcome: [['EventOutcome', 'string']],
  proto: [['Protocol', 'string']],
  reason: [['Reason', 'string']],
  request: [['RequestURL', 'string']],
  rt: [['ReceiptTime', 'string']],
  shost: [['SourceHostName', 'string']],
  sntdom: [['SourceNTDomain', 'string']],
  sourceDnsDomain: [['SourceDnsDomain', 'string']],
  sourceServiceName: [['SourceServiceName', 'string']],
  spid: [['SourceProcessId', 'int']],
  sproc: [['SourceProcessName', 'string']],
  spt: [['SourcePort', 'int']],
  src: [['SourceIP', 'string']],
  start: [['StartTime', 'datetime']],
  suid: [['SourceUserID', 'string']],
  suser: [['SourceUserName', 'string']],
  // The header.
  deviceProduct: [['DeviceProduct', 'string']],
  deviceEventClassId: [['DeviceEventClassID', 'string']],
  name: [['Activity', 'string']],
  severity: [['LogSeverity', 'string']],
};

/** Columns that the agent fills in itself, and those of the header that every message has. */
const ofEveryMessage = {
  TimeGenerated: 'datetime',
  Computer: 'string',
  AdditionalExtensions: 'string',
  DeviceVendor: 'string',
  DeviceVersion: 'string',
};

/** The columns of CommonSecurityLog that a key of our CEF reaches, and no others. */
export const commonSecurityLogColumns: Readonly<Record<string, string>> = {
  ...ofEveryMessage,
  ...Object.fromEntries(cef.fields.flatMap(({ name }) => columnOf[name] ?? [])),
};

/** The keys of the standard that this page has a column for. */
export const knownKeys: readonly string[] = Object.keys(columnOf);

function number(index: number): readonly (readonly [string, string])[] {
  return [
    [`DeviceCustomNumber${index}`, 'int'],
    [`FieldDeviceCustomNumber${index}`, 'long'],
  ];
}
