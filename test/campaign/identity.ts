import { recogniseKind, recordOf } from '../../src/normalise/index.ts';
import { parseCef } from '../support/cef-parser.ts';
import { parseLeef } from '../support/leef-parser.ts';

/** A format whose messages can be told apart again. */
export type ReadableFormat = 'cef' | 'leef' | 'json';

/** Returns id and version of the event that a message holds, `id version`. Throws where it has none. */
export function identityOf(format: ReadableFormat, text: string): string {
  if (format === 'json') {
    const kind = recogniseKind(text);
    if (kind === undefined) throw new Error(`of no kind: ${text.slice(0, 200)}`);
    const { id, version } = recordOf(kind, text);
    return `${id} ${version}`;
  }
  const cef = format === 'cef';
  const fields = cef ? parseCef(text).extension : parseLeef(text).attributes;
  const field = (inCef: string, inLeef: string) => fields.get(cef ? inCef : inLeef);
  const alertId = field('MSDefenderAlertId', 'alertId') ?? field('externalId', 'alertId');
  const part = field('MSDefenderProviderAlertId', 'providerAlertId');
  const version = field('MSDefenderVersion', 'version');
  if (alertId === undefined || version === undefined)
    throw new Error(`without id or version: ${text.slice(0, 200)}`);
  // A detection is a part of an alert, with an id of its own that begins with the alert's.
  return `${part?.startsWith(`${alertId}:`) === true ? part : alertId} ${version}`;
}
