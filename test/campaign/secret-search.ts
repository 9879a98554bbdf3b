/** What came of one way to fail. */
export interface Findings {
  readonly secrets: number;
  readonly bytes: number;
  readonly broken: readonly string[];
}

/** Texts of the program's, by where they were found. */
export type Told = readonly (readonly [where: string, text: string])[];

/** Looks in all that was told for these secrets, and for any token or private key, however they may be written. */
export function searchSecrets(name: string, secrets: ReadonlyMap<string, string>, told: Told): Findings {
  const broken: string[] = [];
  for (const [where, text] of told) {
    for (const [secret, value] of secrets) {
      const found = writings(value).find((writing) => text.includes(writing));
      if (found !== undefined) broken.push(`${name}: ${secret} in ${where}: ${around(text, found)}`);
    }
    const token = /eyJ[\w-]{8,}\.[\w-]{8,}|PRIVATE KEY/.exec(text)?.[0];
    if (token !== undefined) broken.push(`${name}: a token or a key in ${where}: ${around(text, token)}`);
  }
  const bytes = told.reduce((sum, [, text]) => sum + text.length, 0);
  return { secrets: secrets.size, bytes, broken };
}

/** Ways to write a secret that say it all the same. */
function writings(value: string): readonly string[] {
  return [
    value,
    encodeURIComponent(value),
    new URLSearchParams({ '': value }).toString().slice(1),
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value)).slice(3, -3),
    Buffer.from(value).toString('base64').replaceAll('=', ''),
    Buffer.from(`user:${value}`).toString('base64').replaceAll('=', ''),
  ];
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return JSON.stringify(text.slice(Math.max(0, at - 300), at + found.length + 20));
}
