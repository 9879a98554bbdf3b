/** What is known about the end of an API (reference §1.1). */
export interface Retirement {
  /** What retires, in words. */
  readonly what: string;
  /** Day on which the switching off began, and by which it is complete; ISO 8601. */
  readonly from: string;
  readonly completeBy: string | undefined;
  /** The source type to use in its place. */
  readonly replacement: string;
  /** One sentence for `check` and for errors. */
  readonly notice: string;
}

/** Source types whose API retires. `incidents` and `hunting` retire only in their Defender and XDR flavours. */
export const retirements = {
  detections: {
    what: 'the SIEM API',
    from: '2024-12-31',
    completeBy: undefined,
    replacement: 'graph-alerts',
    notice:
      'Microsoft deprecated the SIEM API on 2023-12-31 and may switch it off without notice since 2024-12-31; use a source of type graph-alerts',
  },
  alerts: {
    what: 'the Defender for Endpoint alerts API',
    from: '2026-02-06',
    completeBy: '2027-02-01',
    replacement: 'graph-alerts',
    notice:
      'Microsoft retires the Defender for Endpoint alerts API from 2026-02-06 on, completely by 2027-02-01 (MC1220762); use a source of type graph-alerts',
  },
  'xdr-incidents': {
    what: 'the Defender XDR incidents API',
    from: '2026-02-06',
    completeBy: '2027-02-01',
    replacement: 'incidents',
    notice:
      'Microsoft retires the Defender XDR incidents API from 2026-02-06 on, completely by 2027-02-01 (MC1220762); use a source of type incidents over Microsoft Graph',
  },
  'defender-hunting': {
    what: 'advanced hunting of the Defender for Endpoint and Defender XDR APIs',
    from: '2026-02-06',
    completeBy: '2027-02-01',
    replacement: 'hunting',
    notice:
      'Microsoft retires hunting on the Defender for Endpoint and Defender XDR APIs from 2026-02-06 on, completely by 2027-02-01 (MC1220762); use a source of type hunting over Microsoft Graph',
  },
} as const satisfies Readonly<Record<string, Retirement>>;

/** Returns what is to be said of the retirement of a source type's API; undefined when it stays. */
export function retirementOf(type: string): string | undefined {
  return Object.hasOwn(retirements, type) ? retirements[type as keyof typeof retirements].notice : undefined;
}
