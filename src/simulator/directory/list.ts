import { type Answer, jsonAnswer } from '../exchange.ts';
import { compileFilter, type FilterSchema, type FilterValue, type PropertyType } from '../odata-filter.ts';
import { ODataError } from '../odata-tokens.ts';
import { queryWith, refuseUnencoded, wholeNumber } from '../paging.ts';
import type { DirectoryCall } from './call.ts';
import { badRequest, DirectoryError } from './errors.ts';
import type { View } from './views.ts';

/** A collection of the directory: what can be asked of it. */
export interface Collection {
  /** As in `$metadata#applications`. */
  readonly name: string;
  /** Microsoft's name of the type, for messages: `Application`. */
  readonly type: string;
  readonly filters: Readonly<Record<string, PropertyType>>;
}

const metadata = 'https://graph.microsoft.com/v1.0/$metadata#';
const usualPage = 100;
const largestPage = 999;
const options = ['$filter', '$select', '$top', '$count', '$skiptoken'];

/** Answers a collection: filtered, a page of it, with the selected properties (API reference §11.4). */
export function listAnswer(call: DirectoryCall, collection: Collection, views: readonly View[]): Answer {
  const { request } = call;
  refuseUnencoded(request);
  for (const name of request.query.keys()) {
    if (name.startsWith('$') && !options.includes(name)) {
      throw new DirectoryError(400, 'Request_UnsupportedQuery', `Unsupported query option '${name}'.`);
    }
  }
  const found = filtered(call, collection, views);
  const skip = skipOf(call);
  const top = Math.min(wholeNumber(request.query, '$top') ?? usualPage, largestPage);
  if (top === 0) throw badRequest("Invalid page size specified: '0'. Must be between 1 and 999 inclusive.");
  const page = request.twist === 'empty-page' ? [] : found.slice(skip, skip + top);
  const link = nextLink(call, skip, skip + page.length, found.length);
  return jsonAnswer(200, {
    '@odata.context': contextOf(call, collection.name),
    ...(request.query.get('$count') === 'true' && request.headers.consistencylevel === 'eventual'
      ? { '@odata.count': found.length }
      : {}),
    ...(link === undefined ? {} : { '@odata.nextLink': link }),
    value: page.map((view) => selected(call, collection, view)),
  });
}

/** Answers one object, with the selected properties. */
export function objectAnswer(
  call: DirectoryCall,
  collection: Collection,
  view: View,
  status: 200 | 201 = 200,
): Answer {
  const context = `${contextOf(call, collection.name)}/$entity`;
  return jsonAnswer(status, { '@odata.context': context, ...selected(call, collection, view) });
}

/** Returns the names in `$select`; none when it is not there. */
export function selectedNames({ request }: DirectoryCall): string[] {
  const select = request.query.get('$select');
  return select === null ? [] : select.split(',').map((name) => name.trim());
}

function selected(call: DirectoryCall, { type }: Collection, view: View): View {
  const names = selectedNames(call);
  if (names.length === 0) return view;
  return Object.fromEntries(
    names.map((name) => {
      if (!(name in view)) {
        const of = `microsoft.graph.${type.charAt(0).toLowerCase()}${type.slice(1)}`;
        throw badRequest(
          `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${of}'.`,
        );
      }
      return [name, view[name]];
    }),
  );
}

function filtered(
  call: DirectoryCall,
  { type, filters }: Collection,
  views: readonly View[],
): readonly View[] {
  const filter = call.request.query.get('$filter');
  if (filter === null) return views;
  const schema: FilterSchema = {
    properties: filters,
    anyCase: false,
    functions: true,
    anyCaseText: true,
    unknownProperty: (name) =>
      `Unsupported or invalid query filter clause specified for property '${name}' of resource '${type}'.`,
  };
  try {
    const passes = compileFilter(filter, schema);
    return views.filter((view) => passes((name) => filterValue(view[name])));
  } catch (error) {
    if (!(error instanceof ODataError)) throw error;
    throw new DirectoryError(400, 'Request_UnsupportedQuery', error.message);
  }
}

function filterValue(value: unknown): FilterValue {
  return Array.isArray(value)
    ? value.map(String)
    : value === null || value === undefined
      ? null
      : String(value);
}

function skipOf({ request }: DirectoryCall): number {
  const token = request.query.get('$skiptoken');
  if (token === null) return 0;
  const skip = /^d\.(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
  if (skip === undefined || request.twist === 'expired-next-link') {
    throw new DirectoryError(
      400,
      'Directory_ExpiredPageToken',
      'The specified page token value has expired and can no longer be included in your request.',
    );
  }
  return Number(skip);
}

function nextLink(
  { request }: DirectoryCall,
  skip: number,
  reached: number,
  found: number,
): string | undefined {
  const foreign = request.twist === 'foreign-next-link';
  if (reached >= found && request.twist !== 'empty-page' && !foreign) return undefined;
  const from = request.twist === 'duplicate-across-pages' ? Math.max(skip, reached - 1) : reached;
  const token = Buffer.from(`d.${from}`, 'latin1').toString('base64url');
  const origin = foreign ? 'https://graph.attacker.example' : request.origin;
  return `${origin}${request.path}?${queryWith(request.query, { $skiptoken: token })}`;
}

function contextOf(call: DirectoryCall, name: string): string {
  const names = selectedNames(call);
  return `${metadata}${name}${names.length === 0 ? '' : `(${names.join(',')})`}`;
}
