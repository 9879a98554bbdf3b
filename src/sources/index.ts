import { alerts } from './alerts.ts';
import { detections } from './detections.ts';
import { graphAlerts } from './graph-alerts.ts';
import type { SourceType } from './source-type.ts';

/** Every kind of source. A new one is one file and one line here. */
export const sourceTypes: readonly SourceType[] = [graphAlerts, alerts, detections];
