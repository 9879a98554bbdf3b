import { scenario as api } from './api.ts';
import { scenario as audit } from './audit.ts';
import { scenario as blindSpots } from './blind-spots.ts';
import { scenario as crash } from './crash.ts';
import { scenario as hecAck } from './hec-ack.ts';
import { scenario as hostile } from './hostile.ts';
import { scenario as late } from './late.ts';
import { scenario as replay } from './replay.ts';
import type { Scenario } from './scenario.ts';
import { scenario as secrets } from './secrets.ts';
import { scenario as signals } from './signals.ts';
import { scenario as sinks } from './sinks.ts';
import { scenario as store } from './store.ts';
import { scenario as syslogTail } from './syslog-tail.ts';
import { scenario as tenants } from './tenants.ts';
import { scenario as time } from './time.ts';
import { scenario as updates } from './updates.ts';

/** Every scenario, in the order in which the campaign runs them. */
export const scenarios: readonly Scenario[] = [
  api,
  crash,
  // Each stands on a line of its own.
  hecAck,
  late,
  audit,
  signals,
  sinks,
  store,
  syslogTail,
  time,
  updates,
  blindSpots,
  replay,
  hostile,
  secrets,
  tenants,
];
