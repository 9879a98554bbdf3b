import type { SimulatedApi } from '../api.ts';
import { audiences } from '../audiences.ts';
import { graphError, graphErrors } from '../error-bodies.ts';
import { ODataError } from '../odata-tokens.ts';
import { actorOf } from './access.ts';
import { applicationRoutes } from './applications.ts';
import { assignmentRoutes } from './assignments.ts';
import type { Route } from './call.ts';
import { credentialRoutes } from './credentials.ts';
import { DirectoryError } from './errors.ts';
import { federationRoutes } from './federation.ts';
import { grantRoutes } from './grants.ts';
import { organizationRoutes } from './organization.ts';
import { ownerRoutes } from './owners.ts';
import { servicePrincipalRoutes } from './service-principals.ts';

const paths = /^\/v1\.0\/(?:applications|servicePrincipals|oauth2PermissionGrants|organization)(?![^/(])/;
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const routes: readonly { readonly pattern: RegExp; readonly route: Route }[] = [
  ...applicationRoutes,
  ...credentialRoutes,
  ...federationRoutes,
  ...ownerRoutes,
  ...servicePrincipalRoutes,
  ...assignmentRoutes,
  ...grantRoutes,
  ...organizationRoutes,
].map((route) => ({ pattern: patternOf(route.call), route }));

/** Microsoft Graph: applications, service principals, permissions and the organisation (API reference §11). */
export const graphDirectoryApi: SimulatedApi = {
  name: 'directory',
  listener: 'main',
  owns: (path) => paths.test(path),
  errors: graphErrors,
  audiences: audiences.graph,
  roles: [],
  scopes: [],
  licensed: false,
  // 3,500 resource units in 10 s for a small tenant, a call being one unit.
  quota: { perMinute: 21_000 },
  // 3,000 writes in 2 min 30 s; about 150 lists a minute that show certificates.
  narrowerQuota({ method, path, query }) {
    if (method !== 'GET') return { name: 'writes', quota: { perMinute: 1200 } };
    const list = path === '/v1.0/applications' && (query.get('$select') ?? '').includes('keyCredentials');
    return list ? { name: 'certificates', quota: { perMinute: 150 } } : undefined;
  },
  answer(request, { directory }, caller) {
    const path = segmentsOf(request.path);
    if (path === undefined) {
      return graphErrors.error(request, 400, 'BadRequest', 'The path is not well encoded.');
    }
    const line = `${request.method} ${path}`;
    for (const { pattern, route } of routes) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const keys = match.slice(1).map((key) => (guid.test(key) ? key.toLowerCase() : key));
      const replica = directory.settling.replica(request.clock);
      const actor = actorOf(caller);
      try {
        return route.answer({ request, directory, actor, replica, now: request.clock, keys });
      } catch (error) {
        if (error instanceof DirectoryError) {
          return graphError(request, error);
        }
        if (!(error instanceof ODataError)) throw error;
        return graphErrors.error(request, 400, 'BadRequest', error.message);
      }
    }
    return graphErrors.error(request, 400, 'BadRequest', `No call '${line}' is known.`);
  },
};

function patternOf(call: string): RegExp {
  return new RegExp(`^${call.replaceAll('$', '\\$').replaceAll('{}', '([^/]+)')}/?$`);
}

/**
 * Returns the path below the version, decoded, with a key in brackets as a segment of its own: `(appId='x')`; undefined
 * when it cannot be decoded.
 */
function segmentsOf(path: string): string | undefined {
  return decoded(path.slice('/v1.0'.length))?.replace(
    /^\/(\w+)\((?:(appId)=)?'([^'/]+)'\)/,
    (_whole, collection: string, name: string | undefined, key: string) =>
      `/${collection}/${name === undefined ? key : `${name}=${key}`}`,
  );
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
