import { hash } from 'node:crypto';
import { recordIdentity } from '../../src/event.ts';
import type { EventHead } from '../../src/event-head.ts';
import { instantOf, parseInstant } from '../../src/fields/instant.ts';
import { jsonString } from '../../src/sinks/json-string.ts';
import { oneLine } from '../../src/sinks/one-line.ts';
import type { Payload } from '../../src/sinks/sink.ts';
import { type DataStream, dataStreamName, datasetOf, ownDataset } from './data-stream.ts';
import { integrationOf } from './integration.ts';

/** How documents are made of payloads. */
export interface DocumentOptions {
  /** Name of the sink's format. */
  readonly format: string;
  /** Undefined for the dataset that the record belongs to. */
  readonly dataset: string | undefined;
  readonly namespace: string;
  /** `tags` of documents around a message. */
  readonly tags: readonly string[];
}

/** An action and its document, on two lines without the last line end, in pieces: a long text is one of its own. */
export type BulkLines = readonly string[];

/**
 * Returns the lines of a `_bulk` request that bring a payload: one document, or several where the receiver's pipeline wants
 * a document for each piece of evidence. Deterministic.
 */
export function bulkLines({ event, text }: Payload, options: DocumentOptions): readonly BulkLines[] {
  const { format, namespace } = options;
  const ownWords = datasetOf(options.dataset ?? ownDataset, event);
  if (format === 'ecs') {
    const stream = { dataset: ownWords, namespace };
    return [[action(event, stream, 0), ...withDataStream(oneLine(text), stream, event)]];
  }
  const integration = format === 'json' ? integrationOf(event, text) : undefined;
  const dataset = options.dataset === undefined ? (integration?.dataset ?? ownWords) : ownWords;
  const stream = { dataset, namespace };
  const messages = integration?.messages ?? [text];
  const at = timeOf(event);
  return messages.map((message, part) => [
    action(event, stream, part),
    ...envelope(message, at, stream, options.tags),
  ]);
}

/**
 * Returns the `_id` of a record's document: the same whenever the same state of it is sent (formats reference §6.1).
 * `part` counts the documents of one record from 0.
 */
export function documentId(event: EventHead, part = 0): string {
  const identity = [event.tenantId ?? '', event.kind, recordIdentity(event), event.version];
  if (part > 0) identity.push(String(part));
  return hash('sha256', identity.join('\0').toWellFormed(), 'base64url');
}

function action(event: EventHead, stream: DataStream, part: number): string {
  return `{"create":{"_index":${jsonString(dataStreamName(stream))},"_id":"${documentId(event, part)}"}}\n`;
}

function dataStreamMember({ dataset, namespace }: DataStream): string {
  return `"data_stream":{"type":"logs","dataset":${jsonString(dataset)},"namespace":${jsonString(namespace)}}`;
}

/**
 * A document that has its fields already: where it is to go is added, and a time where it has none: no data stream takes
 * it without.
 */
function withDataStream(json: string, stream: DataStream, event: EventHead): readonly string[] {
  const rest = json.slice(1);
  const timed = rest.startsWith(timestampName) ? '' : `${timestampName}"${timeOf(event)}",`;
  return [`{${timed}${dataStreamMember(stream)}${rest === '}' ? '' : ','}`, rest];
}

/** What a document of the format `ecs` begins with, behind its brace, if it has a time. */
const timestampName = '"@timestamp":';

/** A text that is still to be taken apart over there, as Elastic's own agents hand it on. */
function envelope(
  text: string,
  time: string,
  stream: DataStream,
  tags: readonly string[],
): readonly string[] {
  const tagged = tags.length === 0 ? '' : `,"tags":[${tags.map((tag) => jsonString(tag)).join()}]`;
  const head = `{${timestampName}"${time}",${dataStreamMember(stream)},"message":`;
  return [head, jsonString(oneLine(text)), `${tagged}}`];
}

/** When the state that is sent was made, else taken, as Elasticsearch reads it; 1970 where nobody knows. */
function timeOf(event: EventHead): string {
  const { updated, created, lastActivity, firstActivity, resolved, observed } = event;
  for (const time of [updated, created, lastActivity, firstActivity, resolved, observed]) {
    const instant = time === undefined ? undefined : parseInstant(time);
    if (instant !== undefined) return instant;
  }
  return instantOf(0);
}
