import { type Answer, type ApiRequest, jsonAnswer } from '../exchange.ts';

/** What Entra says with a code: the OAuth error, and the beginning of the prose. */
interface EntraError {
  readonly error: string;
  readonly text: string;
}

const groups: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  invalid_client: {
    7000215:
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'.",
    7000222: "The provided client secret keys for app '{app}' are expired.",
    7000216:
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    7000218: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    7000219: "'client_assertion' or 'request' is required for the 'client_credentials' grant type.",
    700027:
      'The certificate with identifier used to sign the client assertion is not registered on application.',
    700024: 'Client assertion is not within its valid time range.',
    700023: 'Client assertion audience claim does not match Realm issuer.',
    700021: "Client assertion application identifier does not match 'client_id' parameter.",
    700030: 'Invalid certificate - subject name in certificate is not authorized.',
    650053:
      "The application asked for scope '{resource}' that doesn't exist on the resource. Contact the app vendor.",
    700025: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    1000502: 'The provided certificate is not within its specified validity time range.',
  },
  unauthorized_client: {
    700016:
      "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant.",
    7000229: "The client application '{app}' is missing service principal in the tenant '{tenant}'.",
    7000112: "Application '{app}' is disabled.",
    50194: "Application '{app}' is not configured as a multi-tenant application.",
  },
  invalid_request: {
    90002:
      "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    900023:
      "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
    50059:
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    50128: 'Invalid domain name - No tenant-identifying information found.',
    90019: 'No tenant-identifying information found in the request.',
    90051: 'Invalid Delegation Token. Invalid national Cloud ID is specified.',
    50049: 'Unknown or invalid instance.',
    700211: "No matching federated identity record found for presented assertion issuer '{issuer}'.",
    700212: "No matching federated identity record found for presented assertion audience '{audience}'.",
    700213: "No matching federated identity record found for presented assertion subject '{subject}'.",
    900382: 'Confidential Client is not supported in Cross Cloud request.',
    90013: 'Invalid input received from the user.',
    90014: "The required field '{parameter}' is missing from the credential.",
    900144: "The request body must contain the following parameter: '{parameter}'.",
    50011: 'The redirect URI specified in the request does not match those configured for the application.',
  },
  unsupported_grant_type: { 70003: "The app requested an unsupported grant type '{parameter}'." },
  invalid_resource: {
    500011:
      'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant.',
    50001: 'The resource is disabled or does not exist: {resource}.',
  },
  invalid_scope: {
    28000:
      'Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {resource} is not valid.',
    70011:
      "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {resource} is not valid.",
    1002012:
      'The provided value for scope {resource} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.',
  },
  invalid_grant: {
    65001:
      "The user or administrator has not consented to use the application with ID '{app}'. Send an interactive authorization request for this user and resource.",
    65002:
      "Consent between first party application '{app}' and first party resource must be configured via preauthorization.",
    70000: 'Provided grant is invalid or malformed.',
    70043:
      'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.',
    7000014: "The provided value for the input parameter 'device_code' is not valid.",
    50020: 'User account from identity provider does not exist in tenant and cannot access the application.',
    50034: 'The user account does not exist in the directory.',
    50053:
      'The account is locked because the user tried to sign in too many times with an incorrect user ID or password.',
    50055: 'The password is expired.',
    50057: 'The user account is disabled.',
    50126: 'Error validating credentials due to invalid username or password.',
    90072: 'User account from an external identity provider does not exist in the tenant.',
    50013: 'Assertion failed signature validation.',
    50027: 'JWT token is invalid or malformed.',
    50105: 'The application needs to be assigned.',
    50196: 'The server terminated an operation because it encountered a client request loop.',
    53003: 'Access has been blocked by Conditional Access policies.',
    70008: 'The provided authorization code or refresh token has expired due to inactivity.',
    700082: 'The refresh token has expired due to inactivity.',
    50173: 'The provided grant has expired due to it being revoked.',
  },
  interaction_required: {
    50072:
      'Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.',
    50076:
      'Due to a configuration change made by your administrator, you must use multi-factor authentication.',
    50079:
      'Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.',
    50158: 'External security challenge not satisfied.',
  },
  authorization_pending: {
    70016: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  },
  bad_verification_code: { 70018: 'Invalid verification code due to user typing in wrong user code.' },
  expired_token: {
    70019: 'Verification code expired.',
    70020:
      "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  },
  access_denied: {
    90094: 'Admin consent is required.',
    65004: 'User declined to consent to access the app.',
    530032: 'The service principal is blocked due to risk.',
    530034: 'A delegated administrator was blocked from accessing the tenant due to account risk.',
  },
  temporarily_unavailable: {
    90033: 'A transient error has occurred. Please try again.',
    90090: 'A transient error has occurred during graph lookup. Please try again.',
    90024: 'Request budget exceeded or a transient error has occurred.',
  },
};

/** All of them, by code (API reference §2.1). */
const known = new Map<number, EntraError>(
  Object.entries(groups).flatMap(([error, codes]) =>
    Object.entries(codes).map(([code, text]) => [Number(code), { error, text }] as const),
  ),
);

/**
 * Returns the refusal of the token endpoint with an AADSTS code (API reference §2.1): 401 for `invalid_client`, else
 * 400. A code outside of the table is answered as `invalid_request`. `facts` fill the prose; `error` replaces the OAuth
 * error that usually comes with the code.
 */
export function entraError(
  request: ApiRequest,
  code: number,
  facts: Readonly<Record<string, string>> = {},
  error: string | undefined = undefined,
): Answer {
  const usual = known.get(code) ?? { error: 'invalid_request', text: 'An error occurred.' };
  const prose = usual.text.replace(/\{(\w+)\}/g, (_whole, name: string) => facts[name] ?? '');
  const more = { error_codes: [code], error_uri: `https://login.microsoftonline.com/error?code=${code}` };
  return refusal(request, error ?? usual.error, `AADSTS${code}: ${prose}`, more);
}

/** Returns a refusal that has no AADSTS code. */
export function oauthError(request: ApiRequest, error: string, prose: string): Answer {
  return refusal(request, error, prose, { error_codes: [] });
}

function refusal(request: ApiRequest, error: string, prose: string, more: object): Answer {
  const timestamp = `${new Date(request.clock).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const correlation = request.headers['client-request-id'] ?? request.requestId;
  return jsonAnswer(
    error === 'invalid_client' ? 401 : error === 'temporarily_unavailable' ? 503 : 400,
    {
      error,
      error_description: `${prose} Trace ID: ${request.requestId} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      timestamp,
      trace_id: request.requestId,
      correlation_id: correlation,
      ...more,
    },
    { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
  );
}
