/** Returns a text as a quoted string of HCL, whatever is in it (HCL native syntax, "Template Expressions"). */
export function hclText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[$%](?=\{)/g, (sign) => `${sign}${sign}`)
    .replaceAll(
      /[\p{Cc}\u2028\u2029]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `"${escaped}"`;
}
