import type { Application, Container, File, Group, Registry, User } from '../event.ts';
import { fileFrom } from './file.ts';
import { type JsonObject, textOf } from './json-value.ts';
import { userFrom } from './user.ts';

// Where the facts of each facet stand in a row of advanced hunting (API reference §10.5); of several columns the first
// that holds a value counts. The code names the columns itself instead of walking lists of them, which took more than half
// of an event's normalising: a row is asked for a hundred.

/** The file that an event is about; of a table of processes, the image of the one that was started. */
export function fileOf(row: JsonObject): File | undefined {
  return fileFrom({
    name: textOf(row.FileName),
    folder: textOf(row.FolderPath),
    sha1: textOf(row.SHA1),
    sha256: textOf(row.SHA256),
    md5: textOf(row.MD5),
    size: textOf(row.FileSize),
    publisher: textOf(row.ProcessVersionInfoCompanyName),
    signer: textOf(row.Signer),
    issuer: textOf(row.Issuer),
  });
}

/** The image of the process that did what the row tells. */
export function initiatingFileOf(row: JsonObject): File | undefined {
  return fileFrom({
    name: textOf(row.InitiatingProcessFileName),
    folder: textOf(row.InitiatingProcessFolderPath),
    sha1: textOf(row.InitiatingProcessSHA1),
    sha256: textOf(row.InitiatingProcessSHA256),
    md5: textOf(row.InitiatingProcessMD5),
    size: textOf(row.InitiatingProcessFileSize),
    publisher: textOf(row.InitiatingProcessVersionInfoCompanyName),
    signer: undefined,
    issuer: undefined,
  });
}

/** The account that an event is about; of a request over the network, whose it was. */
export function ownUserOf(row: JsonObject): User | undefined {
  return userFrom({
    name: textOf(row.AccountName) ?? textOf(row.RequestAccountName),
    domain: textOf(row.AccountDomain) ?? textOf(row.RequestAccountDomain),
    sid:
      textOf(row.AccountSid) ??
      textOf(row.RequestAccountSid) ??
      textOf(row.OnPremSid) ??
      textOf(row.CloudSid),
    entraId: textOf(row.AccountObjectId),
    upn: textOf(row.AccountUpn) ?? textOf(row.EmailAddress),
    displayName: textOf(row.AccountDisplayName),
  });
}

/** The account of the process that did it. */
export function initiatingUserOf(row: JsonObject): User | undefined {
  return userFrom({
    name: textOf(row.InitiatingProcessAccountName),
    domain: textOf(row.InitiatingProcessAccountDomain),
    sid: textOf(row.InitiatingProcessAccountSid),
    entraId: textOf(row.InitiatingProcessAccountObjectId),
    upn: textOf(row.InitiatingProcessAccountUpn),
    displayName: undefined,
  });
}

/** The registry key or value; a key's first part is its hive. */
export function registryOf(row: JsonObject): Registry | undefined {
  const key = textOf(row.RegistryKey) ?? textOf(row.PreviousRegistryKey);
  const valueName = textOf(row.RegistryValueName) ?? textOf(row.PreviousRegistryValueName);
  if (key === undefined && valueName === undefined) return undefined;
  return {
    hive: key === undefined ? undefined : /^HKEY_[A-Z_]+/i.exec(key)?.[0],
    key,
    valueName,
    value: textOf(row.RegistryValueData),
    valueType: textOf(row.RegistryValueType),
  };
}

/** The application that was used, or was asked for something. */
export function applicationOf(row: JsonObject): Application | undefined {
  const name = textOf(row.Application) ?? textOf(row.AppName) ?? textOf(row.Workload);
  const id =
    textOf(row.ApplicationId) ??
    textOf(row.OAuthApplicationId) ??
    textOf(row.OAuthAppId) ??
    textOf(row.AccountApplicationId);
  const instanceName = textOf(row.AppInstanceId);
  if (name === undefined && id === undefined && instanceName === undefined) return undefined;
  return { name, id, instanceName, publisher: undefined };
}

/** The container, or the storage container, that the row is about. */
export function containerOf(row: JsonObject): Container | undefined {
  const id = textOf(row.ContainerId);
  const name = textOf(row.ContainerName) ?? textOf(row.StorageContainer);
  const image = textOf(row.ContainerImageName);
  const pod = textOf(row.KubernetesPodName);
  const namespace = textOf(row.KubernetesNamespace);
  const cluster = textOf(row.KubernetesResource);
  const isNone =
    id === undefined &&
    name === undefined &&
    image === undefined &&
    pod === undefined &&
    namespace === undefined &&
    cluster === undefined;
  return isNone ? undefined : { id, name, image, pod, namespace, cluster };
}

/** The security group that the row is about. */
export function groupOf(row: JsonObject): Group | undefined {
  const id = textOf(row.GroupId);
  const name = textOf(row.GroupName);
  return id === undefined && name === undefined ? undefined : { id, name };
}
