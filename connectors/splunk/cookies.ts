/** Most cookies kept, and the longest pair, characters: load balancers need one or two short ones. */
const most = { cookies: 20, length: 4096 };

/**
 * The cookies by which a load balancer keeps a client with one indexer: only that one knows the acknowledgements of its
 * channels (formats reference §5.3). All go to the one address of the sink, so domain and path are of no matter.
 */
export class Cookies {
  readonly #values = new Map<string, string>();

  /** Keeps what a `Set-Cookie` header sets, or several joined by commas; one that has expired is dropped. */
  take(header: string | undefined): void {
    // A comma may also stand in `Expires`: a new cookie begins with a name and an equals sign.
    for (const cookie of header?.split(/,(?=\s*[^\s;,=]+=)/) ?? []) {
      const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      if (at < 1 || pair.length > most.length || /[\r\n]/.test(pair)) continue;
      const name = pair.slice(0, at);
      this.#values.delete(name);
      const gone = attributes.some((attribute) => /^max-age=(0|-\d+)$/i.test(attribute));
      if (!gone && this.#values.size < most.cookies) this.#values.set(name, pair.slice(at + 1));
    }
  }

  /** Returns the header that sends them back; none when there are none. */
  headers(): Readonly<Record<string, string>> {
    if (this.#values.size === 0) return {};
    return { Cookie: [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  clear(): void {
    this.#values.clear();
  }
}
