import { z } from 'zod';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** Returns the milliseconds of a text such as `200ms`, `30s`, `5m`, `6h`, `7d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]);
}

/** Returns a span of time as people say it, in its largest fitting unit: `45s`, `12m`, `5h`, `3d`; below zero as `0s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}h`;
  return `${Math.round(seconds / 86_400)}d`;
}

/** A span of time in the configuration: written `30s` or `5m`, milliseconds in the program. */
export const duration = z
  .string()
  .meta({
    id: 'duration',
    description: 'A span of time: a number and ms, s, m, h or d, such as `30s` or `5m`.',
  })
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms === undefined) {
      context.addIssue({
        code: 'custom',
        message: `'${text}' is not a duration: write a number and ms, s, m, h or d, such as 30s`,
      });
      return z.NEVER;
    }
    return ms;
  });
