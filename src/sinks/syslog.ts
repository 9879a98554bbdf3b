import { RelpSink } from './relp-sink.ts';
import type { SinkType } from './sink.ts';
import { syslogOptions } from './syslog-options.ts';
import { StreamSyslogSink } from './syslog-stream-sink.ts';
import { UdpSyslogSink } from './syslog-udp-sink.ts';

/** Syslog over UDP, TCP, TLS or RELP. */
export const syslog: SinkType<typeof syslogOptions> = {
  type: 'syslog',
  options: syslogOptions,
  defaultFormat: 'cef',
  create(options, context) {
    if (options.tls?.verify === false) {
      context.log.warn(
        { sink: context.name },
        'server certificate is not verified: anyone can read and answer',
      );
    }
    if (options.transport === 'udp') return new UdpSyslogSink(options, context);
    return options.transport === 'relp'
      ? new RelpSink(options, context)
      : new StreamSyslogSink(options, context);
  },
};
