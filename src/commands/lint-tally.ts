import type { Finding } from '../lint/language.ts';

/** Counts messages by what they were read as, and by the worst that was found. */
export class LintTally {
  readonly #kinds = new Map<string, number>();
  messages = 0;
  withErrors = 0;
  #withWarnings = 0;
  #passedOver = 0;

  /** Adds a message, or what was met instead of one (`languages` undefined). */
  add(languages: readonly string[] | undefined, findings: readonly Finding[]): void {
    if (languages === undefined && findings.length === 0) this.#passedOver++;
    if (languages !== undefined) {
      this.messages++;
      const kind = languages.length === 0 ? 'not recognised' : languages.join(' > ');
      this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    }
    if (findings.some(({ level }) => level === 'error')) this.withErrors++;
    else if (findings.length > 0) this.#withWarnings++;
  }

  /** Returns the lines that tell what came of it. */
  summary(): readonly string[] {
    const kinds = [...this.#kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
    const counted = `${this.messages} message${this.messages === 1 ? '' : 's'}${kinds === '' ? '' : `: ${kinds}`}`;
    const lines = [`${counted}; ${this.withErrors} with errors, ${this.#withWarnings} with warnings`];
    if (this.#passedOver > 0) {
      lines.push(`${this.#passedOver} datagrams or connections without messages were passed over`);
    }
    return lines;
  }
}
