import type { Severity } from '../event.ts';

/** CEF header severity, 0–10; each falls in the standard's band of the same name (formats reference §10.1). */
export const cefSeverity: Readonly<Record<Severity, number>> = {
  unknown: 0,
  informational: 1,
  low: 3,
  medium: 6,
  high: 8,
  critical: 10,
};

/** LEEF `sev`, 1–10: 0 is not valid there (formats reference §3.2, §10.1). */
export const leefSeverity: Readonly<Record<Severity, number>> = {
  unknown: 1,
  informational: 2,
  low: 4,
  medium: 6,
  high: 8,
  critical: 10,
};

/** ECS `event.severity`, the risk scores that detection rules use (formats reference §10.1). */
export const ecsSeverity: Readonly<Record<Severity, number>> = {
  unknown: 0,
  informational: 21,
  low: 21,
  medium: 47,
  high: 73,
  critical: 99,
};
