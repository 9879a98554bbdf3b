import type { Indicator, SecurityEvent } from '../../event.ts';
import { ipv4, ipv6 } from '../address.ts';

// 27: the custom indicator that matched, by its kind (formats reference §11.3).

/** Kinds of indicators as Defender names them, in lower case, and as ECS does. */
const types: ReadonlyMap<string, string> = new Map([
  ['filesha1', 'file'],
  ['filesha256', 'file'],
  ['filemd5', 'file'],
  ['domainname', 'domain-name'],
  ['url', 'url'],
  ['certificatethumbprint', 'x509-certificate'],
]);

/** Returns the kind and the value of the indicator: its own, else its creator's. */
function told(
  indicator: Indicator | undefined,
): { readonly kind: string; readonly value: string } | undefined {
  const kind = indicator?.name ?? indicator?.creatorName;
  const value = indicator?.value ?? indicator?.creatorValue;
  return kind === undefined || value === undefined ? undefined : { kind: kind.toLowerCase(), value };
}

/** `threat.indicator.type`. */
export function indicatorType({ indicator }: SecurityEvent): string | undefined {
  const found = told(indicator);
  if (found === undefined) return undefined;
  if (ipv4(found.value) !== undefined) return 'ipv4-addr';
  if (ipv6(found.value) !== undefined) return 'ipv6-addr';
  return types.get(found.kind);
}

/** The value of an indicator of this kind; undefined for others. */
export function indicatorValue({ indicator }: SecurityEvent, kind: string): string | undefined {
  const found = told(indicator);
  return found?.kind === kind ? found.value : undefined;
}

/** `threat.indicator.name`: whatever the indicator is compared with. */
export function indicatorName({ indicator }: SecurityEvent): string | undefined {
  return indicator?.value ?? indicator?.creatorValue;
}
