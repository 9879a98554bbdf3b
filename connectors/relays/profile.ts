import type { ProfileSetting, SinkProfile } from '../../src/sinks/profile.ts';

/** What both relays have in common: RFC 5425, which they speak as it is written. */
const overTls: readonly ProfileSetting[] = [
  { key: 'transport', value: 'tls', why: 'RFC 5425; the relays’ configurations here listen on 6514.' },
  {
    key: 'framing',
    value: 'octet-counting',
    why: 'The only framing of RFC 5425: no character of a message can end it.',
  },
  { key: 'rfc', value: 5424, why: 'Whole times with a zone, and names that are not guessed.' },
  { key: 'facility', value: 'local0', why: 'What the relays’ configurations may route by.' },
  {
    key: 'format',
    value: 'cef',
    why: 'What most SIEMs behind a relay read; name the format that yours reads.',
  },
  { key: 'leef.version', value: '2.0', why: 'LEEF 1.0 separates by TAB alone, which rsyslog destroys.' },
  {
    key: 'leef.delimiter',
    value: 'auto',
    why: 'A printable character that no value of the record holds: nothing on the way touches it.',
  },
];

/** rsyslog, as it comes or configured as here. */
export const rsyslog: SinkProfile = {
  name: 'rsyslog',
  sinkType: 'syslog',
  receiver: 'rsyslog as a relay, with imtcp over TLS',
  settings: [
    ...overTls,
    {
      key: 'maxMessageBytes',
      value: 8096,
      why: 'What rsyslog takes by default (measured with 8.2302): the rest of a longer message becomes a message of its own. The configuration here takes 64 KiB: then raise it.',
    },
  ],
};

/** syslog-ng, as it comes or configured as here. */
export const syslogNg: SinkProfile = {
  name: 'syslog-ng',
  sinkType: 'syslog',
  receiver: 'syslog-ng as a relay, with the driver syslog() over TLS',
  settings: [
    ...overTls,
    {
      key: 'maxMessageBytes',
      value: 65_536,
      why: 'Its default `log-msg-size` (measured with 3.38): over a longer message it closes the connection. Lower it to what the SIEM behind it takes.',
    },
  ],
};
