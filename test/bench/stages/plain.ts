import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { portsOf, type Stage } from '../stage.ts';

// What a program of a few lines does that keeps nothing, knows no field beyond its fifteen, and trusts every value: no
// code of ours is in it, and Node runs with its own settings.

interface Evidence {
  readonly '@odata.type': string;
  readonly deviceDnsName?: string;
  readonly mdeDeviceId?: string;
  readonly userAccount?: { readonly accountName?: string; readonly domainName?: string };
  readonly fileDetails?: { readonly fileName?: string; readonly filePath?: string; readonly sha256?: string };
}

type Alert = Readonly<Record<string, string>> & { readonly evidence: readonly Evidence[] };
type Row = Readonly<Record<string, string>> & { readonly properties: Readonly<Record<string, unknown>> };

function escaped(value: unknown): string {
  if (value === undefined || value === null) return '';
  return String(value).replace(/[\\=]/g, '\\$&').replace(/\n/g, '\\n');
}

function header(value: unknown): string {
  return String(value ?? '').replace(/[\\|]/g, '\\$&');
}

function cefOfAlert(alert: Alert): string {
  const device = alert.evidence.find(
    (each) => each['@odata.type'] === '#microsoft.graph.security.deviceEvidence',
  );
  const user = alert.evidence.find((each) => each.userAccount)?.userAccount;
  const file = alert.evidence.find((each) => each.fileDetails)?.fileDetails;
  return `CEF:0|Microsoft|Microsoft Defender|1.0|${header(alert.detectorId)}|${header(alert.title)}|5|rt=${Date.parse(alert.lastUpdateDateTime ?? '')} externalId=${escaped(alert.id)} cat=${escaped(alert.category)} msg=${escaped(alert.description)} outcome=${escaped(alert.status)} cs1=${escaped(alert.incidentId)} cs2=${escaped(alert.serviceSource)} request=${escaped(alert.alertWebUrl)} shost=${escaped(device?.deviceDnsName)} deviceExternalId=${escaped(device?.mdeDeviceId)} suser=${escaped(user?.accountName)} sntdom=${escaped(user?.domainName)} fname=${escaped(file?.fileName)} filePath=${escaped(file?.filePath)} fileHash=${escaped(file?.sha256)}`;
}

function cefOfRow({ time, category, properties: row }: Row): string {
  return `CEF:0|Microsoft|Microsoft Defender|1.0|${header(category)}|${header(row.ActionType)}|5|rt=${Date.parse(time ?? '')} externalId=${escaped(row.ReportId)} cat=${escaped(row.ActionType)} shost=${escaped(row.DeviceName)} deviceExternalId=${escaped(row.DeviceId)} suser=${escaped(row.AccountName)} sntdom=${escaped(row.AccountDomain)} fname=${escaped(row.FileName)} filePath=${escaped(row.FolderPath)} fileHash=${escaped(row.SHA256)} spid=${escaped(row.ProcessId)} cs1=${escaped(row.ProcessCommandLine)} cs2=${escaped(row.InitiatingProcessFileName)} cs3=${escaped(row.InitiatingProcessCommandLine)} suid=${escaped(row.AccountSid)}`;
}

/** The work without durability, in one loop: parse the page, format each record, write the page's messages. */
export const plain: Stage = {
  name: 'plain',
  title: 'plain Node, not durable: parse, 15 fields of CEF, send over TCP',
  delivers: 'counted',
  plainNode: true,
  prepare: async (input) => {
    const socket = connect({ host: '127.0.0.1', port: portsOf(input).tcp });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const cefOf = input.pages.kind === 'graph-alert' ? cefOfAlert : cefOfRow;
    return {
      page: (file) => async () => {
        const { value } = JSON.parse(readFileSync(file, 'utf8')) as { readonly value: (Alert & Row)[] };
        let text = '';
        for (const record of value) {
          const message = `<134>1 - bench.example bench - - - ${cefOf(record)}`;
          text += `${Buffer.byteLength(message)} ${message}`;
        }
        if (!socket.write(text)) await new Promise((resolve) => socket.once('drain', resolve));
        return value.length;
      },
      finish: () => new Promise<void>((resolve) => socket.write('', () => resolve())),
    };
  },
};
