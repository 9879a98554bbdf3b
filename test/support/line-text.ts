/** Throws when the text holds what no SIEM line may: controls but those allowed, line separators, lone surrogates. */
export function refuseUnsafe(text: string, allowed = ''): void {
  if (!text.isWellFormed()) throw new Error('lone surrogate');
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
    if (control && !allowed.includes(character)) throw new Error(`control U+${code.toString(16)}`);
  }
}

/** Throws when a value is empty or has outer spaces, which readers lose. */
export function refuseOuterSpace(name: string, value: string): void {
  if (value === '') throw new Error(`${name} is empty`);
  if (value.startsWith(' ') || value.endsWith(' ')) throw new Error(`${name} has outer spaces`);
}

/** Throws when a value has more than `max` code points. */
export function refuseLonger(name: string, value: string, max: number): void {
  const length = [...value].length;
  if (length > max) throw new Error(`${name} has ${length} characters, more than ${max}`);
}
