import type { z } from 'zod';
import { instantOf } from '../../fields/instant.ts';
import type { Answer, ApiRequest } from '../exchange.ts';
import { trimmed } from '../times.ts';
import { type Actor, mustManage } from './access.ts';
import type { Directory } from './directory.ts';
import { badRequest, notFound } from './errors.ts';
import type { StoredApplication, StoredServicePrincipal } from './objects.ts';
import type { Replica } from './replicas.ts';

/** A call to the directory, taken apart. */
export interface DirectoryCall {
  readonly request: ApiRequest;
  readonly directory: Directory;
  readonly actor: Actor;
  /** The replica that answers it. */
  readonly replica: Replica;
  /** Milliseconds since 1970, by the clock. */
  readonly now: number;
  /** The keys in its path, in order: an object id, or `appId=…`. */
  readonly keys: readonly string[];
}

/** A path of the directory, `{}` for each key, and its answer. */
export interface Route {
  /** As in `POST /applications/{}/addPassword`. */
  readonly call: string;
  answer(call: DirectoryCall): Answer;
}

/** What a call answers that has nothing to tell. */
export const noContent: Answer = { status: 204, headers: {}, body: '' };

/** Returns the time of the call as Microsoft writes it. */
export function timestamp({ now }: DirectoryCall): string {
  return trimmed(instantOf(now));
}

/** Returns the key of this place in the path, 0 being the first. */
export function keyAt({ keys }: DirectoryCall, place: number): string {
  return keys[place] ?? '';
}

/** Returns the body. Throws DirectoryError, naming the property, when it is not as `schema` has it. */
export function bodyOf<T>({ request }: DirectoryCall, schema: z.ZodType<T>): T {
  const body = jsonOf(request);
  if (body === undefined) {
    throw badRequest(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw badRequest(
    issue?.code === 'unrecognized_keys'
      ? `Invalid property '${issue.keys.join("', '")}'.`
      : `Invalid value specified for property '${path}' of resource: ${issue?.message ?? ''}.`,
  );
}

function jsonOf({ headers, body }: ApiRequest): unknown {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Returns the application that a path names. Throws DirectoryError when the replica does not know it. */
export function applicationOf({ directory, replica }: DirectoryCall, key: string): StoredApplication {
  const appId = clientIdIn(key);
  const application =
    appId === undefined ? directory.applications.get(key, replica) : directory.applicationOf(appId, replica);
  if (application === undefined) throw notFound(appId ?? key);
  return application;
}

/** Returns the last state of the application that a path names, for a call that changes it. */
export function changeableApplication(call: DirectoryCall, key: string): StoredApplication {
  const { id } = applicationOf(call, key);
  const latest = call.directory.applications.latest(id);
  if (latest === undefined) throw notFound(id);
  return latest;
}

/** Returns the last state of the application that the path begins with. Throws DirectoryError where the actor may not change it. */
export function manageableApplication(call: DirectoryCall): StoredApplication {
  const application = changeableApplication(call, keyAt(call, 0));
  mustManage(call.actor, application);
  return application;
}

/** Returns the service principal that a path names. Throws DirectoryError when the replica does not know it. */
export function principalOf({ directory, replica }: DirectoryCall, key: string): StoredServicePrincipal {
  const appId = clientIdIn(key);
  const principal =
    appId === undefined
      ? directory.servicePrincipals.get(key, replica)
      : directory.principalOf(appId, replica);
  if (principal === undefined) throw notFound(appId ?? key);
  return principal;
}

/** Returns the last state of the service principal that a path names, for a call that changes it. */
export function changeablePrincipal(call: DirectoryCall, key: string): StoredServicePrincipal {
  const { id } = principalOf(call, key);
  const latest = call.directory.servicePrincipals.latest(id);
  if (latest === undefined) throw notFound(id);
  return latest;
}

function clientIdIn(key: string): string | undefined {
  return /^appId=(.+)$/.exec(key)?.[1];
}
