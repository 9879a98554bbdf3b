import { Document } from 'yaml';
import type { WrittenTenant } from './edit-tenant.ts';

/** Returns a first configuration: a tenant, its Graph alerts, and a sink that shows them until the real one is named. */
export function starterConfiguration({ name, id, cloud, auth }: WrittenTenant): string {
  const tenant = new Document([{ name, id, ...(cloud === 'commercial' ? {} : { cloud }), auth }]);
  return `# Configuration of defender-siem, begun by \`defender-siem provision\`. Every option: deploy/configuration.md.
# Check a change with \`defender-siem check\`, and all that it names with \`defender-siem check --live\`.

store:
  path: ./state.db                # watermarks and journal; on a disk that survives a restart

tenants:
${indented(tenant.toString({ lineWidth: 0 }))}
sources:
  - name: ${name}-alerts
    type: graph-alerts            # alerts of all Defender products
    tenant: ${name}

sinks:
  - name: console                 # shows each event, to see that it works
    type: stdout
    format: json
  # Syslog over TLS, in place of the one above (or an HTTP receiver, or a SIEM's own connector: see connectors/):
  # - name: siem
  #   type: syslog
  #   host: siem.example
  #   port: 6514
  #   transport: tls
  #   format: cef
  #   tls:
  #     ca: certs/siem-ca.pem
`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
