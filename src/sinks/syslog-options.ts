import { isIP } from 'node:net';
import { z } from 'zod';
import { duration } from '../fields/duration.ts';
import { evenWhenInvalid } from '../fields/rule.ts';
import { size } from '../fields/size.ts';
import { tlsOptions } from '../fields/tls.ts';
import type { Peer } from './peer.ts';
import type { StreamPeer } from './stream.ts';
import { facilities } from './syslog-message.ts';

type FacilityName = keyof typeof facilities;
const facilityNames = Object.keys(facilities) as [FacilityName, ...FacilityName[]];

const facility = z
  .union([z.enum(facilityNames), z.number().int().min(1).max(23)], {
    error: 'must be a facility such as local0, or its number from 1 to 23; kern (0) is the kernel’s own',
  })
  .transform((value) => (typeof value === 'number' ? value : facilities[value]));

/** SD-ID and PARAM-NAME: 1 to 32 of U+0021 to U+007E without `=`, `]` and `"` (RFC 5424 §6.3.2). */
const sdName = z.string().regex(/^[!#-<>-\\^-~]{1,32}$/, {
  error: 'must be 1 to 32 printable ASCII characters without space, =, ] and "',
});

/** A name without `@` is IANA's to give (RFC 5424 §7). */
const sdId = sdName.refine((name) => /^[^@]+@\d+(\.\d+)*$/.test(name) || ianaIds.has(name), {
  error: 'must be name@number with your private enterprise number, or timeQuality, origin or meta',
});
const ianaIds = new Set(['timeQuality', 'origin', 'meta']);

/** A port or a scheme in `host` would be looked up as part of the name, and never found. */
const host = z
  .string()
  .trim()
  .refine((text) => isIP(text) !== 0 || /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?$/u.test(text), {
    error: 'must be a name or an address alone, such as siem.example: the port has a key of its own, `port`',
  });

const timeZone = z.string().refine(
  (name) => {
    // The usual one, without the 20 ms that the first look at time zones takes.
    if (name === 'UTC') return true;
    try {
      return Intl.DateTimeFormat('en-US', { timeZone: name }) !== undefined;
    } catch {
      return false;
    }
  },
  { error: 'must be an IANA time zone such as UTC or Europe/Berlin' },
);

/**
 * Bytes of a message by default. On streams what rsyslog takes as it comes (its maxMessageSize `8k` is 8096, measured
 * with 8.2302): it reads what is beyond as messages of their own (formats reference §4.7), and over RELP cuts it off
 * and answers 200 all the same.
 */
export const defaultMaxMessageBytes = { tls: 8096, tcp: 8096, relp: 8096, udp: 1024 } as const;

/** Largest UDP payload over IPv4, bytes (RFC 5426 §3.2). */
const largestDatagram = 65_507;

/** Options of the sink type `syslog`. */
export const syslogOptions = z
  .strictObject({
    host: host.describe('Name or address of the receiver.'),
    port: z
      .number()
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Port of the receiver: by default 6514 for tls, else 514; to be named for relp.'),
    transport: z
      .enum(['udp', 'tcp', 'tls', 'relp'])
      .default('tls')
      .describe(
        '`tls` (RFC 5425), `tcp`, `relp` (acknowledged by the receiver; with `tls` set, over TLS), or `udp` (RFC 5426), which notices no loss.',
      ),
    framing: z
      .enum(['octet-counting', 'newline'])
      .default('octet-counting')
      .describe(
        'How messages are told apart on tcp and tls (RFC 6587): a length before each, or LF after it.',
      ),
    rfc: z
      .union([z.literal(5424), z.literal(3164)])
      .default(5424)
      .describe('Header: RFC 5424, or the older RFC 3164 for receivers that know nothing else.'),
    facility: facility.prefault('local0').describe('Facility: a name such as `local0`, or its number.'),
    hostname: z
      .string()
      .min(1)
      .optional()
      .describe("HOSTNAME of the header, by default this machine's name. Receivers tell log sources by it."),
    appName: z.string().min(1).default('defender-siem').describe('APP-NAME of the RFC 5424 header.'),
    tag: z
      .string()
      .min(1)
      .default('defender-siem')
      .describe(
        'TAG of the RFC 3164 header, without its colon; `none` leaves it out, as some parsers expect.',
      ),
    timeZone: timeZone
      .default('UTC')
      .describe('Time zone of the RFC 3164 header, which cannot name it: the one the receiver assumes.'),
    structuredData: z
      .record(sdId, z.record(sdName, z.string()))
      .default({})
      .describe('Structured data of the RFC 5424 header: SD-ID, then parameters by name.'),
    maxMessageBytes: size
      .refine((bytes) => bytes >= 480, {
        error: 'must be at least 480: every receiver takes that (RFC 5424 §6.1)',
      })
      .optional()
      .describe(
        'Largest message, header included: by default 8096 for tls, tcp and relp, which is what rsyslog takes, 1024 for udp. Never above what the receiver takes. An event whose indispensable fields need more becomes a dead letter, which 1024 bytes and the format json make likely.',
      ),
    tls: tlsOptions
      .optional()
      .describe('Whom to trust and who we are, for the transport tls; with relp: to speak it over TLS.'),
    keepAlive: duration
      .prefault('30s')
      .describe('Idle time before the kernel probes a connection; `0s` never does. Not for udp.'),
    connectTimeout: duration
      .prefault('10s')
      .describe('Longest wait for a connection, TLS handshake included.'),
    writeTimeout: duration
      .prefault('30s')
      .describe(
        'Longest wait for a receiver that does not read, or does not answer; then the connection is given up.',
      ),
    confirm: duration
      .prefault('5m')
      .describe(
        'How long events may stay unconfirmed on tcp and tls: then the connection is closed in good order, which a receiver answers only once it has read everything; the next event opens a new one. `0s` never.',
      ),
    tail: size
      .prefault('40MiB')
      .describe(
        'Bytes that may lie unread in socket buffers, on tcp and tls: when a connection breaks, so much of what is unconfirmed is sent again. Never below what both kernels hold (Linux: tcp_wmem of this host and tcp_rmem of the receiver, 4 MiB and 6 or 32 MiB).',
      ),
    window: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(128)
      .describe('Messages on the way and not yet acknowledged, for relp.'),
  })
  .superRefine(({ transport, tls, maxMessageBytes, port }, context) => {
    if (transport === 'relp' && port === undefined) {
      const message = 'must be named: RELP has no port of its own; it is the one of the input of type imrelp';
      context.addIssue({ code: 'custom', path: ['port'], message });
    }
    if (tls !== undefined && (transport === 'tcp' || transport === 'udp')) {
      const message = `needs \`transport: tls\` or \`relp\`, which is ${transport} here: set it to one of these, or leave \`tls\` out`;
      context.addIssue({ code: 'custom', path: ['tls'], message });
    }
    if (transport === 'udp' && typeof maxMessageBytes === 'number' && maxMessageBytes > largestDatagram) {
      const message = `must be at most ${largestDatagram}, the largest UDP datagram`;
      context.addIssue({ code: 'custom', path: ['maxMessageBytes'], message });
    }
  }, evenWhenInvalid);

/** Options of the sink type `syslog`, as the program sees them. */
export type SyslogOptions = z.output<typeof syslogOptions>;

/** Returns the receiver at the other end of a stream: over TLS where the transport is `tls`, or `relp` with `tls` set. */
export function streamPeer(options: SyslogOptions, sink: string): StreamPeer {
  return {
    sink,
    host: options.host,
    port: options.port ?? (options.transport === 'tls' ? 6514 : 514),
    tls: options.tls ?? (options.transport === 'tls' ? { verify: true } : undefined),
    keepAliveMs: options.keepAlive,
    connectTimeoutMs: options.connectTimeout,
    writeTimeoutMs: options.writeTimeout,
  };
}

/** Returns where a syslog sink connects to. */
export function syslogPeer(options: SyslogOptions): Peer {
  const { host, port, tls } = streamPeer(options, '');
  return { host, port, transport: options.transport === 'udp' ? 'udp' : 'tcp', tls, proxy: undefined };
}
