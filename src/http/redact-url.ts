/** Query parameters whose values are credentials, by name, without regard to case. */
const secretParameters =
  /^(sig|signature|token|access_token|id_token|refresh_token|code|key|api[-_]?key|secret|client_secret|client_assertion|assertion|password|pwd)$/i;

/**
 * Returns a URL fit for logs and errors: without user and password, and with `[secret]` for the values of query
 * parameters that carry credentials. Text that is no URL becomes `[no URL]`, since it may be anything.
 */
export function redactUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return '[no URL]';
  const query = parsed.search
    .slice(1)
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      return secretParameters.test(decodeName(name)) ? `${name}=[secret]` : pair;
    })
    .join('&');
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query === '' ? '' : `?${query}`}`;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
