/** True of text that begins a payload for machines rather than a field of a syslog header. */
export function beginsPayload(text: string): boolean {
  return /^\ufeff?(?:CEF:|LEEF:|\{)/.test(text);
}

/** Returns a message without its byte order mark and line ends behind it. */
export function bareMessage(message: string): string {
  let end = message.length;
  while (end > 0 && '\r\n'.includes(message.charAt(end - 1))) end--;
  return message.slice(message.startsWith('\ufeff') ? 1 : 0, end);
}
