import type { NormaliseContext } from './record-type.ts';

const commercialPortal = 'https://security.microsoft.com';

/** Returns the link to an alert whose record has none (API reference §12). */
export function alertLink(id: string, tenantId: string | undefined, context: NormaliseContext): string {
  return `${origin(context)}/alerts/${encodeURIComponent(id.toWellFormed())}${query(tenantId)}`;
}

/** Returns the link to an incident whose record has none (API reference §12, form of 2026). */
export function incidentLink(id: string, tenantId: string | undefined, context: NormaliseContext): string {
  return `${origin(context)}/incident2/${encodeURIComponent(id.toWellFormed())}/overview${query(tenantId)}`;
}

function origin(context: NormaliseContext): string {
  return context.portalOrigin ?? commercialPortal;
}

function query(tenantId: string | undefined): string {
  return tenantId === undefined ? '' : `?tid=${encodeURIComponent(tenantId.toWellFormed())}`;
}
