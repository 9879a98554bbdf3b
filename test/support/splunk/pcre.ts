/**
 * Returns a pattern of Splunk's (PCRE) as one of JavaScript's: flags at its beginning, `(?<name>` and the rest that both
 * have. Throws at what JavaScript cannot read, such as possessive quantifiers, which the add-on therefore must not use.
 */
export function jsRegExp(pattern: string, flags = ''): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern);
  const body = pattern.slice(leading?.[0].length ?? 0).replaceAll('(?P<', '(?<');
  return new RegExp(body, flags + (leading?.[1] ?? ''));
}
