import { file } from './file.ts';
import { http } from './http.ts';
import type { SinkType } from './sink.ts';
import { stdout } from './stdout.ts';
import { syslog } from './syslog.ts';

/** The transports. Connectors have a list of their own. */
export const sinkTypes: readonly SinkType[] = [syslog, http, file, stdout];
