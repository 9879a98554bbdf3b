/**
 * Returns what reasons of one kind have in common: whatever holds a digit (ports, counts, times, ids of requests) is
 * left out, so that a sink that fails for one reason is not told anew with each attempt.
 */
export function reasonKind(reason: string): string {
  return reason.replaceAll(/[\w.:+/=-]*\d[\w.:+/=-]*/g, '#');
}
