import type { EventHead } from '../../src/event-head.ts';
import { type Member, parseMembers, renderMember } from '../../src/formats/json/json-members.ts';

/** What Elastic's own integrations for Defender take of a record. */
export interface IntegrationMessages {
  readonly dataset: string;
  /** The record's JSON text, or one for each element of the list that their agent splits it by. */
  readonly messages: readonly string[];
}

/** A data stream of Elastic's integrations, and the lists that its agent splits a record by before its pipeline sees it. */
interface Integration {
  readonly dataset: string;
  readonly split: readonly string[];
}

const graphAlert: Integration = { dataset: 'm365_defender.alert', split: [] };
const endpointAlert: Integration = { dataset: 'microsoft_defender_endpoint.log', split: ['evidence'] };
const graphIncident: Integration = { dataset: 'm365_defender.incident', split: ['alerts'] };
const xdrIncident: Integration = { dataset: 'm365_defender.log', split: ['alerts', 'entities'] };
const streamedRow: Integration = { dataset: 'm365_defender.event', split: [] };

/** The datasets of all of them. */
export const integrationDatasets: readonly string[] = [
  graphAlert,
  endpointAlert,
  graphIncident,
  xdrIncident,
  streamedRow,
].map(({ dataset }) => dataset);

/**
 * Returns what the ingest pipelines of Elastic's integrations read of a record; undefined where none of them reads such
 * a record. A pipeline that was written for split records fails on a list, so it gets an object in its place.
 */
export function integrationOf(event: EventHead, json: string): IntegrationMessages | undefined {
  if (event.kind === 'graph-alert') return { dataset: graphAlert.dataset, messages: [json] };
  if (event.kind !== 'alert' && event.kind !== 'incident' && event.kind !== 'hunting-event') return undefined;
  const record = parseMembers(json);
  const integration = record === undefined ? undefined : integrationOfMembers(event, record);
  if (record === undefined || integration === undefined) return undefined;
  const { dataset, split } = integration;
  return { dataset, messages: split.length === 0 ? [json] : variants(record, split) };
}

function integrationOfMembers(event: EventHead, record: Member): Integration | undefined {
  const has = (name: string) => record.children.some(({ path }) => path === name);
  if (event.kind === 'alert') return endpointAlert;
  if (event.kind === 'incident') return has('incidentId') ? xdrIncident : graphIncident;
  // A row that was asked for stands bare; one that Microsoft streamed comes with its table around it.
  return has('properties') && has('category') ? streamedRow : undefined;
}

/** Returns the texts of an object in which the list of the first name is each of its elements in turn, and so on below. */
function variants(object: Member, [name, ...deeper]: readonly string[]): readonly string[] {
  const list = object.children.find(({ path }) => path === name || path.endsWith(`.${name}`));
  if (name === undefined || list?.kind !== 'array') return [renderMember(object)];
  const rest = object.children.filter((child) => child !== list).map((child) => renderMember(child));
  const open = `${object.key}{`;
  if (list.children.length === 0) return [`${open}${rest.join(',')}}`];
  return list.children
    .flatMap((element) => variants(element, deeper))
    .map((element) => `${open}${[...rest, `${list.key}${element}`].join(',')}}`);
}
