import type { Finding } from '../language.ts';

/** A message as it was met, or something that kept one from being read. */
export interface Captured {
  /** Where: `line 3`, `packet 17, 10.0.0.1:40000 → 10.0.0.2:514`. */
  readonly where: string;
  /** The message; undefined where only findings are to be told. */
  readonly bytes: Uint8Array | undefined;
  /** What is wrong with how it was framed or captured. */
  readonly findings: readonly Finding[];
}

/** A message without anything to say about its frame. */
export function message(where: string, bytes: Uint8Array, findings: readonly Finding[] = []): Captured {
  return { where, bytes, findings };
}

/** Something to say where there is no message. */
export function remark(where: string, finding: Finding): Captured {
  return { where, bytes: undefined, findings: [finding] };
}

/** Longer messages are passed over, so that memory stays bounded; bytes. */
export const maxMessageBytes = 1024 * 1024;
