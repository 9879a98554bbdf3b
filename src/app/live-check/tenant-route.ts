import { readFileSync } from 'node:fs';
import { ConnectorError } from '../../errors.ts';
import { redactUrl } from '../../http/redact-url.ts';
import { certificatesIn } from '../../sinks/certificate-chain.ts';
import { certificateText, endOf } from './certificate-text.ts';
import type { TenantCheck } from './tenant-subject.ts';

/** How the hosts of Microsoft are reached: the proxy, and the private root that is trusted beside the public ones. */
export const checkTenantRoute: TenantCheck = async ({ config, context }, report) => {
  const { proxy, tls } = config;
  const way = proxy === undefined ? 'direct' : `through the proxy ${redactUrl(proxy).replace(/\/$/, '')}`;
  const path = tls?.ca;
  const look = {
    key: 'route',
    what: 'route',
    otherwise: 'Put a PEM certificate there, or leave out `tls.ca`',
  };
  await report.look(look, async () => {
    if (path === undefined) return { result: 'ok', finding: `${way}, public roots` };
    const nowMs = context.clock.now();
    const roots = certificatesIn(readFileSync(path, 'utf8'));
    if (roots.length === 0) throw new ConnectorError('CONFIG_INVALID', `${path} holds no PEM certificate`);
    const named = roots.map((root) => certificateText(root, nowMs)).join('; ');
    const finding = `${way}, public roots and ${named}`;
    if (roots.every((root) => endOf(root, nowMs) === 'later')) return { result: 'ok', finding };
    return { result: 'warning', finding, advice: `Put the root that follows it into ${path} in time.` };
  });
};
