import type { SinkProfile } from '../../src/sinks/profile.ts';

/** Splunk by Splunk Connect for Syslog: CEF, which SC4S tells by its header and hands on to HEC. */
export const splunkSc4s: SinkProfile = {
  name: 'splunk-sc4s',
  sinkType: 'syslog',
  receiver: 'Splunk Connect for Syslog (SC4S), its listener for TLS',
  settings: [
    {
      key: 'transport',
      value: 'tls',
      why: 'SC4S listens on 6514 once `SC4S_SOURCE_TLS_ENABLE=yes` is set. Without it: `transport: tcp`, port 514.',
    },
    {
      key: 'framing',
      value: 'newline',
      why: 'Its listeners on 514 and 6514 end a message at the line end. The one for RFC 5425, port 5425, reads `octet-counting`.',
    },
    { key: 'rfc', value: 5424, why: 'SC4S tells it from RFC 3164 by itself; times keep their zone.' },
    {
      key: 'facility',
      value: 'local0',
      why: 'SC4S goes by the CEF header and not by the facility; filters of yours may go by it.',
    },
    {
      key: 'format',
      value: 'cef',
      why: 'SC4S finds index and source type by vendor and product of the CEF header (`splunk_metadata.csv`).',
    },
    {
      key: 'maxMessageBytes',
      value: 10_000,
      why: 'Splunk cuts an event at 10000 bytes where the add-on is not installed (`TRUNCATE`); SC4S takes more.',
    },
  ],
};
