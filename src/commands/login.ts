import { logout, login as signIn } from '../app/login.ts';
import { catalogue } from '../catalogue.ts';
import { membersNamed } from '../config/groups.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import type { Api } from '../identity/clouds.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { type Command, configOption, textOption } from './command.ts';

/** `defender-siem login`: signs a person in for a tenant with `auth.user`; `--logout` forgets the sign-in. */
export const login: Command = {
  options: { ...configOption, tenant: { type: 'string' }, logout: { type: 'boolean' } },
  help: [
    '  --tenant NAME  name in the configuration; needed where several tenants have `auth.user`',
    '  --logout       forgets the sign-in on this host',
    'Shows a code to be entered on the page of Microsoft, from any device. A process that runs takes the new sign-in up',
    'by itself.',
  ],
  async run(invocation) {
    const { io, options } = invocation;
    const config = await loadNamedConfig(findConfig(textOption(invocation, 'config')), catalogue, io.env);
    const tenant = tenantOf(config, textOption(invocation, 'tenant'));
    const log = createLog(config.log.level, io.terminal);
    const doing = { clock: systemClock, log, signal: io.stop };
    if (options.logout === true) {
      const was = await logout(tenant, doing);
      io.out(
        was
          ? `tenant ${tenant.name}: the sign-in is forgotten here; to end it at Entra ID too, revoke the sessions of the account there`
          : `tenant ${tenant.name}: nobody was signed in`,
      );
      return 0;
    }
    const apis = apisOf(config, tenant.name);
    const { account, access } = await signIn(tenant, { ...doing, apis, show: (line) => io.err(line) });
    io.out(`tenant ${tenant.name}: ${account ?? 'the person'} is signed in`);
    for (const { api, scopes, failure } of access) {
      if (failure === undefined) io.out(`${api}: ${scopes.join(', ') || 'no permission'}`);
      else io.err(`${api}: ${messageOf(failure)}`);
    }
    const failed = access.find(({ failure }) => failure !== undefined)?.failure;
    if (failed === undefined) {
      io.out('next: `defender-siem check --live`, which tells what is missing');
      return 0;
    }
    if (failed instanceof ConnectorError) return failed.exitCode;
    throw failed;
  },
};

/** Of a group, whose customers have one sign-in, the first will do. */
function tenantOf({ tenants }: Config, named: string | undefined): Config['tenants'][number] {
  const candidates =
    named === undefined ? tenants.filter(({ auth }) => auth.kind === 'user') : membersNamed(tenants, named);
  const [tenant, ...others] = candidates;
  if (tenant !== undefined && others.every(({ auth }) => auth === tenant.auth)) return tenant;
  const people = [
    ...new Set(tenants.filter(({ auth }) => auth.kind === 'user').map(({ name, group }) => group ?? name)),
  ];
  const there = people.length === 0 ? 'there is none (`auth.user`)' : `there is ${people.join(', ')}`;
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    named === undefined
      ? `login needs --tenant NAME: of tenants where a person signs in, ${there}`
      : `--tenant ${named}: the configuration has no such tenant; of tenants where a person signs in, ${there}`,
  );
}

/** The APIs that a tenant's sources read; Graph where it has none yet. */
function apisOf({ sources }: Config, tenant: string): readonly Api[] {
  const apis = sources.filter((source) => source.tenant === tenant).map(({ part }) => part.api);
  return apis.length === 0 ? ['graph'] : [...new Set(apis)];
}
