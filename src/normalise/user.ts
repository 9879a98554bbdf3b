import type { User } from '../event.ts';
import { distinct, isObject, type JsonObject, objectsOf, orNone, textOf } from './json-value.ts';

/** Returns the account of these values; undefined when all are none. */
export function userFrom(values: { readonly [Field in keyof User]?: string | undefined }): User | undefined {
  return orNone({
    name: values.name,
    domain: values.domain,
    sid: values.sid,
    entraId: values.entraId,
    upn: values.upn,
    displayName: values.displayName,
  });
}

/** Reads Graph's `userAccount` (API reference §6.4); undefined when the value is none or says nothing. */
export function userAccountOf(value: unknown): User | undefined {
  if (!isObject(value)) return undefined;
  return orNone({
    name: textOf(value.accountName),
    domain: textOf(value.domainName),
    sid: textOf(value.userSid),
    entraId: textOf(value.azureAdUserId),
    upn: textOf(value.userPrincipalName),
    displayName: textOf(value.displayName),
  });
}

/** Reads the account fields of flat evidence, and of the user objects of Defender for Endpoint alerts. */
export function flatUserOf(value: JsonObject): User | undefined {
  return orNone({
    name: textOf(value.userName) ?? textOf(value.accountName),
    domain: textOf(value.domainName),
    sid: textOf(value.userSid),
    entraId: textOf(value.aadUserId),
    upn: textOf(value.userPrincipalName),
    displayName: textOf(value.displayName),
  });
}

/** Returns `domain\user` of each logged-on user (fact 43), or `user` where the domain is unknown. */
export function loggedOnUsersOf(value: unknown): readonly string[] {
  return distinct(
    objectsOf(value).map((user) => {
      const name = textOf(user.accountName) ?? textOf(user.userName);
      const domain = textOf(user.domainName);
      return name === undefined || domain === undefined ? name : `${domain}\\${name}`;
    }),
  );
}

/** Returns the account of a device's only logged-on user; undefined when there are more or none (§11.4). */
export function soleLoggedOnUser(loggedOnUsers: readonly string[] | undefined): User | undefined {
  const [only, another] = loggedOnUsers ?? [];
  if (only === undefined || another !== undefined) return undefined;
  const backslash = only.indexOf('\\');
  if (backslash < 0) return userFrom({ name: only });
  return userFrom({ name: textOf(only.slice(backslash + 1)), domain: textOf(only.slice(0, backslash)) });
}
