import type { Config } from '../../config/schema.ts';
import type { Api } from '../../identity/clouds.ts';
import type { TokenClaims } from '../../identity/token-claims.ts';
import type { TenantConnection } from '../tenant-connection.ts';
import type { LiveCheckContext } from './context.ts';
import type { Report } from './report.ts';

/** A tenant that is looked at. */
export interface TenantSubject {
  readonly config: Config['tenants'][number];
  readonly sources: Config['sources'];
  /** The APIs that its sources use. */
  readonly apis: readonly Api[];
  readonly connection: TenantConnection;
  readonly context: LiveCheckContext;
  /** What the tokens say that were got so far. */
  readonly claims: Map<Api, TokenClaims>;
}

/** One kind of look at a tenant: adds what it finds to the report. */
export type TenantCheck = (subject: TenantSubject, report: Report) => Promise<void>;
