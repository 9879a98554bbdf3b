import { timingSafeEqual } from 'node:crypto';
import type { ApiRequest } from '../exchange.ts';
import { checkAssertion } from './client-assertion.ts';
import type { OidcIssuers } from './oidc-issuers.ts';
import type { Registration } from './registration.ts';

/** How an application proved itself, as `appidacr` has it; or the AADSTS code for which it is refused. */
export type Proof = { readonly proof: '0' | '1' | '2' } | { readonly refusal: number };

/** Checks the credentials of applications of one tenant. */
export class ClientProofs {
  readonly #tenantNames: readonly string[];
  readonly #issuers: OidcIssuers;
  readonly #usedAssertions = new Map<string, number>();

  /** `tenantNames`: the tenant's id and its domains. */
  constructor(tenantNames: readonly string[], issuers: OidcIssuers) {
    this.#tenantNames = tenantNames;
    this.#issuers = issuers;
  }

  /** Returns how the application proves itself in a token request. `delegated`: a public client needs no proof for it. */
  check(request: ApiRequest, form: URLSearchParams, registration: Registration, delegated: boolean): Proof {
    const secret = form.get('client_secret');
    const assertion = form.get('client_assertion');
    if (delegated && registration.publicClient) {
      return secret === null && assertion === null ? { proof: '0' } : { refusal: 700025 };
    }
    if (assertion !== null) {
      const type = form.get('client_assertion_type') ?? '';
      const refusal = this.#assertionFault(request, assertion, type, registration);
      return refusal === undefined ? { proof: '2' } : { refusal };
    }
    if (secret === null || secret === '') return { refusal: 7000218 };
    const refusal = secretFault(registration, secret, request.clock);
    return refusal === undefined ? { proof: '1' } : { refusal };
  }

  #assertionFault(
    request: ApiRequest,
    assertion: string,
    type: string,
    { clientId, certificates, federated }: Registration,
  ): number | undefined {
    const endpoints = ['oauth2/v2.0/token', 'oauth2/token', 'v2.0'];
    return checkAssertion(assertion, {
      type,
      clientId,
      certificates,
      federated,
      issuers: this.#issuers,
      origin: request.origin,
      audiences: this.#tenantNames.flatMap((tenant) =>
        endpoints.map((rest) => `${request.origin}/${tenant}/${rest}`.toLowerCase()),
      ),
      now: request.clock,
      used: this.#usedAssertions,
    });
  }
}

/** Returns the AADSTS code for which a secret is refused; undefined when it is good. */
function secretFault(registration: Registration, secret: string, nowMs: number): number | undefined {
  const { expiredSecrets, secrets } = registration;
  const endless = Number.POSITIVE_INFINITY;
  const held = secrets.map((known) =>
    typeof known === 'string' ? { text: known, endsAtMs: endless } : known,
  );
  const same = held.filter(({ text }) => sameText(text, secret));
  if (same.some(({ endsAtMs }) => endsAtMs > nowMs)) return undefined;
  return same.length > 0 || expiredSecrets.includes(secret) ? 7000222 : 7000215;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
