import type { SourceConfig } from '../config/source.ts';
import { sourceSchema } from '../config/source.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { parts } from '../parts.ts';
import { accessFiles } from '../provision/access-files.ts';
import type { Access } from '../provision/add-credential.ts';
import { adminConsentUrl, whoConsents } from '../provision/consent.ts';
import { neededPermissions } from '../provision/needed-permissions.ts';
import type { NeededPermission } from '../provision/plan.ts';
import {
  type CredentialKind,
  carryOut,
  credentialKinds,
  type Draft,
  draftProvision,
  federationAudience,
  federationOf,
  isEmpty,
  kindOf,
  type Provisioned,
  type ProvisionParts,
  type ProvisionRequest,
  planFromNothing,
} from '../provision/provision.ts';
import { aloneWithTenant } from '../provision/provision-lock.ts';
import { responsePermissions } from '../provision/response-permissions.ts';
import { verifyAccess } from '../provision/verify.ts';
import { stepWords } from '../provision/words.ts';
import { systemClock } from '../runtime/clock.ts';
import {
  type Administered,
  administer,
  administerHelp,
  administerOptions,
  connectorOption,
  openDirectory,
  teller,
} from './administer.ts';
import { type Command, type Invocation, listOption, textOption } from './command.ts';
import { printerOption, printHelp, printOptions, printPlan, printsUnseen } from './print-plan.ts';
import { rotate } from './rotate.ts';
import { refuseChanged, writeConfiguration, writeDetails } from './write-access.ts';

const consentMissing = 4;
const usualDays = 365;

/** `defender-siem provision`: makes the app registration, its permissions and its credential, and writes the access down. */
export const provision: Command = {
  options: {
    ...administerOptions,
    credential: { type: 'string' },
    days: { type: 'string' },
    issuer: { type: 'string' },
    subject: { type: 'string' },
    'federated-name': { type: 'string', default: 'defender-siem' },
    with: { type: 'string', multiple: true },
    'multi-tenant': { type: 'boolean' },
    repair: { type: 'boolean' },
    rotate: { type: 'boolean' },
    ...printOptions,
    details: { type: 'string' },
  },
  help: [
    ...administerHelp,
    '  --credential KIND       certificate (made on the spot), secret, federated (with --issuer and --subject), or user',
    '  --days DAYS             life of a new certificate or secret (365)',
    '  --with response         also grants what response actions need: isolate, scan, quarantine, tags, indicators …',
    '  --repair                also removes permissions that nothing needs, and credentials that have ended',
    '  --rotate                renews the credential: adds a new one, waits until it works, and removes the old one',
    printHelp,
    '  --multi-tenant          the application is for the tenants of customers too',
    "  --details FILE          writes the access details that a SIEM's own form asks for (mode 0600)",
  ],
  async run(invocation) {
    const administered = await administer(invocation, !printsUnseen(invocation));
    try {
      if (invocation.options.rotate === true) {
        return await rotate(invocation, administered, { days: daysOption(invocation), clock: systemClock });
      }
      return await provisionTenant(invocation, administered);
    } finally {
      administered.http.close();
    }
  },
};

/** What is to be done for a tenant, and with what. */
interface Provisioning {
  readonly request: ProvisionRequest;
  readonly sources: readonly SourceConfig[];
  readonly provisioning: ProvisionParts;
}

async function provisionTenant(invocation: Invocation, administered: Administered): Promise<number> {
  const { io, options } = invocation;
  const { target, endpoints } = administered;
  const tell = teller(invocation, 'step');
  const sources = sourcesOf(administered);
  const request = requestOf(invocation, administered, sources);
  const { permissions, kind } = request;
  // Before anybody signs in for it.
  if (kind === 'federated' && kindOf(target.auth) !== kind) federationOf(request);
  const printer = printerOption(invocation);
  if (printer !== undefined && printsUnseen(invocation)) {
    printPlan(invocation, printer, planFromNothing(request), {
      endpoints,
      clock: systemClock,
    });
    return 0;
  }
  if (permissions.length === 0 && printer === undefined) {
    tell(
      `no source of ${target.name} needs a permission: add one to the configuration first if that is not meant`,
    );
  }
  const directory = await openDirectory(invocation, administered, {
    delegated: kind === 'user',
    clock: systemClock,
    tell: printer === undefined ? tell : io.err,
  });
  const provisioning = { directory, clock: systemClock, tell, signal: io.stop };
  if (printer !== undefined) {
    const { plan } = await draftProvision(request, provisioning);
    printPlan(invocation, printer, plan, { endpoints, clock: systemClock });
    return 0;
  }
  if (options['dry-run'] === true) {
    const draft = await draftProvision(request, provisioning);
    for (const line of remarks(draft, request)) tell(line);
    for (const step of draft.plan.steps) tell(`would ${stepWords(step)}`);
    if (isEmpty(draft.plan)) tell('nothing is to be done: all is as it should be');
    return 0;
  }
  return aloneWithTenant(accessFiles(request.folder, target.name), provisioning, () =>
    provisionAlone(invocation, administered, { request, sources, provisioning }),
  );
}

async function provisionAlone(
  invocation: Invocation,
  administered: Administered,
  { request, sources, provisioning }: Provisioning,
): Promise<number> {
  const { tell } = provisioning;
  // What another run wrote while this one signed in is not to be made again.
  refuseChanged(administered.path, administered.text);
  const draft = await draftProvision(request, provisioning);
  for (const line of remarks(draft, request)) tell(line);
  const done = await carryOut(draft, request, provisioning);
  const edited = await writeConfiguration(administered, done.access);
  for (const line of edited) tell(`${administered.path}: ${line}`);
  await writeDetails(invocation, administered, done.access, sources);
  await done.finish();
  if (done.denied.length > 0) return askForConsent(invocation, administered, done);
  const changed = !isEmpty(draft.plan) || edited.length > 0;
  if (!changed) tell('nothing changed: all was as it should be');
  await verify(administered, done.access, request.permissions, sources, provisioning);
  ready(invocation, administered, { clientId: done.application.appId, changed, kind: request.kind });
  return 0;
}

/** What the person should know of a draft beside its steps, a line each. */
function remarks({ superfluous, working, plan }: Draft, { kind }: ProvisionRequest): readonly string[] {
  const adds = plan.steps.some(
    (step) => step.kind === 'add-credential' && step.credential.kind !== 'federated',
  );
  return [
    ...superfluous.map((line) => `too much: ${line}; --repair removes it`),
    ...(superfluous.some(isOfResponse)
      ? ['where response actions are meant, give --with response: then what they need is not too much']
      : []),
    ...(working === undefined || working.kind === kind
      ? []
      : [`a ${working.kind} that works is there, so no ${kind} is added beside it`]),
    ...(adds && process.getuid?.() === 0
      ? [
          'the credential will be for root alone: hand it to the service (`LoadCredential=`), or to the user that it runs as',
        ]
      : []),
  ];
}

function isOfResponse(line: string): boolean {
  return responsePermissions.some(({ permissions }) =>
    permissions.some((value) => line.includes(` ${value} `)),
  );
}

function askForConsent(
  invocation: Invocation,
  { endpoints, tenantId }: Administered,
  { denied, application }: Provisioned,
): number {
  const { io } = invocation;
  io.err(`Consent is missing: ${messageOf(denied[0]?.error)}`);
  io.err(`Have ${whoConsents} open this page, then run this command again:`);
  teller(invocation, 'consent')(adminConsentUrl(endpoints, tenantId, application.appId));
  return consentMissing;
}

function ready(
  { io, options }: Invocation,
  { target, tenantId }: Administered,
  result: { readonly clientId: string; readonly changed: boolean; readonly kind: CredentialKind },
): void {
  const { clientId, changed, kind } = result;
  const next =
    kind === 'user'
      ? `sign in with \`defender-siem login --tenant ${target.name}\`${changed ? ', in a minute, when all of Entra ID knows the application' : ''}`
      : '`defender-siem run`';
  io.out(
    options.json === true
      ? JSON.stringify({ result: 'ready', tenant: target.name, tenantId, clientId, changed })
      : `tenant ${target.name} is ready (client id ${clientId}); next: ${next}`,
  );
}

function requestOf(
  invocation: Invocation,
  { target, endpoints, folder, tenantId }: Administered,
  sources: readonly SourceConfig[],
): ProvisionRequest {
  const { auth } = target;
  if (auth?.kind === 'managed-identity') {
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `tenant ${target.name} signs in with a managed identity, which has no app registration: grant its service principal the permissions with \`--print\`, or remove \`auth.managedIdentity\` to have an application`,
    );
  }
  const kind = kindOption(invocation) ?? kindOf(auth) ?? 'certificate';
  const rotate = target.rotates ? { rotate: { before: 0 } } : {};
  const identity = { kind: kind === 'user' ? kind : (auth?.kind ?? 'certificate'), ...rotate } as const;
  const facts = { tenants: [{ name: target.name, auth: identity }], sources };
  return {
    tenant: { name: target.name, id: tenantId },
    auth,
    clientId: target.clientId,
    ownsItself: target.rotates,
    connector: connectorOption(invocation),
    permissions: neededPermissions(facts, target.name, parts.sourceTypes, {
      response: withResponse(invocation),
    }),
    kind,
    days: daysOption(invocation) ?? usualDays,
    federated: federatedOption(invocation, federationAudience(endpoints.cloud)),
    folder,
    repair: invocation.options.repair === true,
    multiTenant: invocation.options['multi-tenant'] === true,
    customer: target.group !== undefined,
  };
}

function kindOption(invocation: Invocation): CredentialKind | undefined {
  const named = textOption(invocation, 'credential');
  const kind = credentialKinds.find((candidate) => candidate === named);
  if (named === undefined || kind !== undefined) return kind;
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `--credential ${named}: there are ${credentialKinds.join(', ')}`,
  );
}

function withResponse(invocation: Invocation): boolean {
  const named = listOption(invocation, 'with');
  const unknown = named.find((name) => name !== 'response');
  if (unknown === undefined) return named.length > 0;
  throw new ConnectorError('ARGUMENTS_INVALID', `--with ${unknown}: there is only \`response\``);
}

function daysOption(invocation: Invocation): number | undefined {
  const text = textOption(invocation, 'days');
  if (text === undefined) return undefined;
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 730) return days;
  throw new ConnectorError('ARGUMENTS_INVALID', `--days ${text}: write a whole number from 1 to 730`);
}

function federatedOption(invocation: Invocation, audience: string): ProvisionRequest['federated'] {
  const issuer = textOption(invocation, 'issuer');
  const subject = textOption(invocation, 'subject');
  if (issuer === undefined || subject === undefined) return undefined;
  const name = textOption(invocation, 'federated-name') ?? 'defender-siem';
  return { name, issuer, subject, audiences: [audience] };
}

/** The sources of the tenant; a new entry gets one of the configuration's own default. */
function sourcesOf({ target }: Administered): readonly SourceConfig[] {
  if (target.index !== undefined) return target.sources;
  const tenant = target.name;
  const type = parts.sourceTypes.find((candidate) => candidate.type === 'graph-alerts');
  if (type === undefined) throw new TypeError('there is no source of Graph alerts');
  return [{ ...sourceSchema(type).parse({ name: `${tenant}-alerts`, tenant }), tenant }];
}

async function verify(
  { target, endpoints, tenantId, http }: Administered,
  { credential }: Access,
  permissions: readonly NeededPermission[],
  sources: readonly SourceConfig[],
  { tell, signal, clock }: ProvisionParts,
): Promise<void> {
  if (credential.kind === 'user') return;
  if (credential.kind === 'workload-identity') {
    tell(
      'the federated credential can only be tried where its token is: run `defender-siem check --live` there',
    );
    return;
  }
  const tenant = { name: target.name, id: tenantId };
  await verifyAccess({
    tenant,
    endpoints,
    credential,
    permissions,
    sources,
    sourceTypes: parts.sourceTypes,
    http,
    clock,
    tell,
    signal,
  });
}
