import type { SinkProfile } from '../../src/sinks/profile.ts';

/** Microsoft Sentinel by CEF: syslog to a Linux forwarder with the Azure Monitor Agent, into CommonSecurityLog. */
export const sentinelAma: SinkProfile = {
  name: 'sentinel-ama',
  sinkType: 'syslog',
  receiver: 'Microsoft Sentinel, by a Linux forwarder with the Azure Monitor Agent (CEF via AMA)',
  settings: [
    {
      key: 'transport',
      value: 'tcp',
      why: 'What Microsoft’s set-up of the forwarder opens, on port 514. It is in the clear: best run the connector on the forwarder itself (`host: 127.0.0.1`), else give the forwarder a certificate and say `transport: tls`.',
    },
    {
      key: 'framing',
      value: 'newline',
      why: 'rsyslog takes a length before each message too, but the `network()` input of that set-up for syslog-ng does not. No message of ours holds a line end.',
    },
    {
      key: 'rfc',
      value: 3164,
      why: 'The agent expects date and host before `CEF:`, and drops without a trace what its relay cannot read.',
    },
    {
      key: 'tag',
      value: 'none',
      why: '`CEF:` follows the host, as in Microsoft’s own test message: the relay takes it for the tag, and writes it back.',
    },
    {
      key: 'timeZone',
      value: 'UTC',
      why: 'The time of the header does not count: `TimeGenerated` is the arrival at the agent, and the alert’s own times stand in the message with their zone.',
    },
    {
      key: 'facility',
      value: 'local4',
      why: 'One facility for CEF alone, named in the data collection rule: what a Syslog rule collects too is stored twice.',
    },
    { key: 'format', value: 'cef', why: 'The columns of CommonSecurityLog are CEF’s.' },
    {
      key: 'maxMessageBytes',
      value: 8096,
      why: 'What the forwarder’s rsyslog takes by default (measured with 8.2302): the rest of a longer message becomes a message of its own.',
    },
  ],
};
