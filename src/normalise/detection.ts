import type { SecurityEvent } from '../event.ts';
import { blankFacts } from './blank-event.ts';
import { categoryOf } from './category.ts';
import { deviceFrom } from './device.ts';
import { fileFrom } from './file.ts';
import { distinct, flagOf, type JsonObject, orNone, textOf, textsOf, timeOf } from './json-value.ts';
import { alertLink } from './portal-links.ts';
import { endpointProduct } from './product.ts';
import type { EventContext, RecordType } from './record-type.ts';
import { remoteAddress } from './remote-address.ts';
import { severityOf } from './severity.ts';
import { soleLoggedOnUser, userFrom } from './user.ts';

/** A detection of the SIEM API (API reference §3.4; facts: formats reference §11.2, column "detection"). */
export const detection: RecordType = {
  kind: 'detection',

  recognises: (object) =>
    'FullId' in object ||
    'LastProcessedTimeUtc' in object ||
    ('AlertId' in object && ('AlertTitle' in object || 'IocUniqueId' in object)),

  identify(object) {
    const updated = timeOf(object.LastProcessedTimeUtc);
    const created = timeOf(object.AlertTime);
    return { id: textOf(object.FullId) ?? composedId(object), version: updated, updated, created };
  },

  toEvent(object, json, context): SecurityEvent {
    const severityText = textOf(object.Severity);
    const { device, user, file, process, network } = subjectsOf(object);
    return {
      ...blankFacts,
      kind: 'detection',
      id: textOf(object.AlertId) ?? context.record.id,
      // One alert has several detections: with the alert's id alone, one would pass for a repeat of another.
      recordId: context.record.id,
      version: context.record.version,
      title: textOf(object.AlertTitle),
      description: textOf(object.Description),
      severity: severityOf(severityText),
      severityText,
      category: categoryOf(object.Category),
      product: endpointProduct,
      detectionSource: textOf(object.Source),
      // The documentation of 2017 spells it with another d, and so did the API.
      detectorId: textOf(object.IoaDefinitionId) ?? textOf(object.IoaDefinitiondId),
      threatName: textOf(object.ThreatName),
      threatFamily: textOf(object.ThreatFamily) ?? textOf(object.ThreatCategory),
      actor: textOf(object.Actor),
      alertUrl: alertUrlOf(object, context),
      incidentUrl: textOf(object.IncidentLinkToMTP) ?? textOf(object.IncidentLinkToWDATP),
      tenantId: context.tenantId,
      indicator: indicatorOf(object),
      firstActivity: timeOf(object.AlertTime),
      updated: timeOf(object.LastProcessedTimeUtc),
      device,
      user,
      file,
      process,
      network,
      url: textOf(object.Url),
      action: textOf(object.RemediationAction),
      remediationSucceeded: flagOf(object.RemediationIsSuccess),
      json,
    };
  },
};

/** Stands in for a missing `FullId`. An alert's id alone would make one of all its detections, so it does not count. */
function composedId(object: JsonObject): string | undefined {
  const alertId = textOf(object.AlertId);
  const uniqueId = textOf(object.IocUniqueId);
  const part = textOf(object.AlertPart);
  if (alertId === undefined || (uniqueId === undefined && part === undefined)) return undefined;
  return [alertId, uniqueId, part].filter((text) => text !== undefined).join(':');
}

/** Device, user, file, process and network: what the detection is about. */
function subjectsOf(object: JsonObject) {
  const file = fileOf(object);
  const device = deviceOf(object);
  return {
    device,
    user:
      userFrom({ name: textOf(object.UserName), domain: textOf(object.UserDomain) }) ??
      soleLoggedOnUser(device?.loggedOnUsers),
    file,
    process: processOf(object, file),
    // The record does not say which side the address is on; the published mapping takes it for the source.
    network: remoteAddress(textOf(object.IpAddress)),
  };
}

function alertUrlOf(object: JsonObject, context: EventContext): string | undefined {
  const sent = textOf(object.LinkToMTP) ?? textOf(object.LinkToWDATP);
  const alertId = textOf(object.AlertId);
  if (sent !== undefined || alertId === undefined) return sent;
  return alertLink(alertId, context.tenantId, context);
}

/** `IocUniqueId` is on every detection: alone, it tells of no custom indicator. */
function indicatorOf(object: JsonObject) {
  const indicator = orNone({
    name: textOf(object.IocName),
    value: textOf(object.IocValue),
    creatorName: textOf(object.CreatorIocName),
    creatorValue: textOf(object.CreatorIocValue),
  });
  return indicator && { ...indicator, uniqueId: textOf(object.IocUniqueId) };
}

function deviceOf(object: JsonObject) {
  return deviceFrom({
    name: textOf(object.ComputerDnsName),
    shortName: textOf(object.MachineName),
    domain: textOf(object.MachineDomain),
    id: textOf(object.DeviceID),
    ipAddresses: distinct([...textsOf(object.InternalIPv4List), ...textsOf(object.InternalIPv6List)]),
    group: textOf(object.MachineGroup),
    tags: distinct([...textsOf(object.DeviceCreatedMachineTags), ...textsOf(object.CloudCreatedMachineTags)]),
    loggedOnUsers: textsOf(object.LogOnUsers),
  });
}

function fileOf(object: JsonObject) {
  return fileFrom({
    name: textOf(object.FileName),
    folder: textOf(object.FilePath),
    sha1: textOf(object.Sha1) ?? textOf(object.FileHash),
    sha256: textOf(object.Sha256),
    md5: textOf(object.Md5),
  });
}

/** The file is a process's image when there is a command line, or when it was executing. */
function processOf(object: JsonObject, file: SecurityEvent['file']): SecurityEvent['process'] {
  const commandLine = textOf(object.CommandLine);
  const runningWhenDetected = flagOf(object.WasExecutingWhileDetected);
  if (commandLine === undefined && runningWhenDetected === undefined) return undefined;
  return {
    image: commandLine !== undefined || runningWhenDetected === true ? file : undefined,
    commandLine,
    pid: undefined,
    started: undefined,
    parentPid: undefined,
    parentStarted: undefined,
    parentImage: undefined,
    runningWhenDetected,
    user: undefined,
  };
}
