/** Throws when the text holds what no SIEM line may: controls but those allowed, line separators, lone surrogates. */
export function refuseUnsafe(text: string, allowed = ''): void {
  if (!text.isWellFormed()) throw new Error('lone surrogate');
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
    if (control && !allowed.includes(character)) throw new Error(`control U+${code.toString(16)}`);
  }
}
