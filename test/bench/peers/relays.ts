import type { PeerName } from '../../support/debian-peer.ts';
import { type CefTemplate, cefText } from './fields.ts';

/** What a relay is to do: take JSON, one record a line, and send CEF, octet-counted, through a queue on the disk. */
export interface RelayTask {
  readonly from: number;
  readonly to: number;
  readonly folder: string;
  readonly template: CefTemplate;
}

/** A relay that users would pick, and its configuration. */
export interface Relay {
  readonly name: string;
  readonly title: string;
  readonly peer: PeerName;
  /** How to get it where it is missing. */
  readonly packages: string;
  configuration(task: RelayTask): string;
}

/** Rounded up to what no record here exceeds; both drop or cut what is longer. */
const longestMessageBytes = 262_144;

function rsyslogConfiguration({ from, to, folder, template }: RelayTask, synced: boolean): string {
  const text = cefText(template, (path) => `%$!${path.replaceAll('.', '!')}%`);
  return `
global(workDirectory="${folder}" maxMessageSize="${longestMessageBytes}")
module(load="imptcp")
module(load="mmjsonparse")
template(name="cef" type="string" string="<134>1 - bench.example bench - - - ${text}")
main_queue(queue.type="disk" queue.filename="bench" queue.maxDiskSpace="8g" queue.maxFileSize="64m"
  queue.checkpointInterval="1000" queue.syncQueueFiles="${synced ? 'on' : 'off'}" queue.dequeueBatchSize="1024"
  queue.saveOnShutdown="on" queue.timeoutEnqueue="600000")
input(type="imptcp" port="${from}" address="127.0.0.1")
action(type="mmjsonparse" cookie="" useRawMsg="on")
action(type="omfwd" target="127.0.0.1" port="${to}" protocol="tcp" TCP_Framing="octet-counted" template="cef"
  queue.type="direct" action.resumeRetryCount="-1")
`;
}

function syslogNgConfiguration({ from, to, folder, template }: RelayTask): string {
  const text = cefText(template, (path) => `\${.json.${path}}`);
  return `@version: 3.38
options { stats-freq(0); keep-hostname(yes); log-msg-size(${longestMessageBytes}); };
source s_json {
  network(ip("127.0.0.1") port(${from}) transport("tcp") flags(no-parse) max-connections(10)
    log-iw-size(100000) log-fetch-limit(1000));
};
parser p_json { json-parser(prefix(".json.")); };
destination d_cef {
  syslog("127.0.0.1" transport("tcp") port(${to}) template("${text}")
    disk-buffer(reliable(yes) mem-buf-size(16777216) disk-buf-size(8589934592) dir("${folder}")));
};
log { source(s_json); parser(p_json); destination(d_cef); flags(flow-control); };
`;
}

/** The relays, each with what it is measured with. */
export const relays: readonly Relay[] = [
  {
    name: 'syslog-ng',
    title: 'syslog-ng, reliable disk buffer',
    peer: 'syslog-ng',
    packages: 'syslog-ng-core',
    configuration: syslogNgConfiguration,
  },
  {
    name: 'rsyslog',
    title: 'rsyslog, disk queue',
    peer: 'rsyslog',
    packages: 'rsyslog',
    configuration: (task) => rsyslogConfiguration(task, false),
  },
  {
    name: 'rsyslog-synced',
    title: 'rsyslog, disk queue, synced',
    peer: 'rsyslog',
    packages: 'rsyslog',
    configuration: (task) => rsyslogConfiguration(task, true),
  },
];
