import type { SinkProfile } from '../../src/sinks/profile.ts';

/** OpenText ArcSight: CEF to a syslog SmartConnector, by the field mapping published for Defender. */
export const arcsight: SinkProfile = {
  name: 'arcsight',
  sinkType: 'syslog',
  receiver: 'OpenText ArcSight, a SmartConnector of type Syslog NG Daemon (or Syslog Daemon)',
  settings: [
    {
      key: 'transport',
      value: 'tls',
      why: 'Protocol TLS of Syslog NG Daemon, port 6514 by choice. For Raw TCP, the only stream of Syslog Daemon: `transport: tcp`.',
    },
    {
      key: 'framing',
      value: 'newline',
      why: 'A SmartConnector ends an event at the line end; its Raw TCP and TLS know no length before it.',
    },
    {
      key: 'rfc',
      value: 3164,
      why: 'The header of the samples in the CEF Implementation Standard: time and host before `CEF:`.',
    },
    {
      key: 'tag',
      value: 'none',
      why: 'In those samples CEF follows the host; a tag between is not in the standard.',
    },
    {
      key: 'timeZone',
      value: 'UTC',
      why: 'ESM takes the time of an event from `rt`, which needs no zone; set it to the SmartConnector’s own for the header’s time.',
    },
    {
      key: 'facility',
      value: 'local0',
      why: 'ArcSight reads no meaning into it; a relay on the way can route by it.',
    },
    { key: 'format', value: 'cef', why: 'Read without a FlexConnector.' },
    {
      key: 'cef.product',
      value: 'Microsoft Defender ATP',
      why: 'Device Product of the mapping published for ArcSight: content is written on it, and one categorisation file serves every record.',
    },
    { key: 'cef.version', value: '2.0', why: 'Device Version of that mapping.' },
    {
      key: 'cef.mapping',
      value: 'published',
      why: 'That mapping’s slots, exactly: `rt` is AlertTime, `suid` LogOnUsers, `shost` MachineName, `src` IpAddress. `own` keeps what it has no slot for in these (the update’s time, the user’s SID).',
    },
    {
      key: 'maxMessageBytes',
      value: 8096,
      why: 'Below what SmartConnectors and rsyslog before them take as they come (8 KiB and more); ESM’s columns are shorter, and kept within by the format.',
    },
  ],
};
