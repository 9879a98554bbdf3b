import { type Resource, resourceOf } from '../audiences.ts';
import { microsoftResources } from '../directory/resources.ts';

/** What a request for a person's token asks for. */
export interface WantedScopes {
  readonly resource: Resource;
  /** As asked for. */
  readonly audience: string;
  /** Delegated permissions by name; empty where all granted ones are wanted. */
  readonly names: readonly string[];
  /** `/.default`: all that is granted already. */
  readonly all: boolean;
  /** A refresh token, and an id token. */
  readonly offline: boolean;
  readonly openId: boolean;
}

/** Why a `scope` parameter is refused, and the part of it that is wrong. */
export interface ScopeFault {
  readonly code: number;
  readonly about: string;
}

const signInScopes = new Set(['openid', 'profile', 'email', 'offline_access']);
const graph = 'https://graph.microsoft.com';

/**
 * Reads a `scope` parameter of the v2 endpoint: permissions of one resource, `resource/permission` or bare for Graph,
 * beside those of the sign-in. Refused: no resource that is known (500011), more than one (28000), `/.default` beside
 * other permissions (70011), a permission that the resource does not offer (650053).
 */
export function readScopes(text: string): WantedScopes | ScopeFault {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  const asked = parts.filter((part) => !signInScopes.has(part)).map(split);
  const audience = asked[0]?.audience ?? graph;
  const resource = resourceOf(audience);
  if (resource === undefined) return { code: 500011, about: audience };
  if (asked.some((scope) => resourceOf(scope.audience) !== resource)) return { code: 28000, about: text };
  const names = asked.map(({ name }) => name);
  const all = names.includes('.default');
  if (all && names.length > 1) return { code: 70011, about: text };
  const offered = microsoftResources.find(({ name }) => name === resource)?.scopes ?? {};
  const unknown = all ? undefined : names.find((name) => !Object.hasOwn(offered, name));
  if (unknown !== undefined) return { code: 650053, about: unknown };
  return {
    resource,
    audience,
    names: all ? [] : names,
    all,
    offline: parts.includes('offline_access'),
    openId: parts.includes('openid'),
  };
}

/** Returns what a `resource` parameter of the v1 endpoint asks for: all that is granted, and a refresh token. */
export function readResource(audience: string): WantedScopes | ScopeFault {
  const resource = resourceOf(audience);
  if (resource === undefined) return { code: 500011, about: audience };
  return { resource, audience, names: [], all: true, offline: true, openId: true };
}

function split(scope: string): { readonly audience: string; readonly name: string } {
  const slash = scope.lastIndexOf('/');
  if (slash < 0) return { audience: graph, name: scope };
  return { audience: scope.slice(0, slash), name: scope.slice(slash + 1) };
}
