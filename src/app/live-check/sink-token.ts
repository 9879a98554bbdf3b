import type { SinkCheck } from './sink-subject.ts';
import { tellToken } from './tenant-tokens.ts';

/** Whether the tenants whose identity the sink uses get a token for Azure Monitor; how, and as whom. */
export const checkSinkToken: SinkCheck = async ({ tenants, context }, report) => {
  for (const tenant of tenants) {
    const look = {
      key: 'token',
      what: `token of ${tenant.name}`,
      otherwise: `Check the \`auth\` block of the tenant ${tenant.name}`,
    };
    await report.look(look, async (signal) => {
      const told = await tenant.tokens.claims('monitor', signal);
      return tellToken(told, { id: tenant.id, auth: tenant.credential }, context.clock.now());
    });
  }
};
