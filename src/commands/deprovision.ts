import { type Edited, setAuthAside } from '../config/edit-tenant.ts';
import { ConnectorError } from '../errors.ts';
import { accessFiles } from '../provision/access-files.ts';
import { applyPlan } from '../provision/apply.ts';
import { draftRemoval, noteRemoval, type Removal, removeFiles } from '../provision/deprovision.ts';
import type { ProvisionParts } from '../provision/provision.ts';
import { aloneWithTenant } from '../provision/provision-lock.ts';
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
import type { Command } from './command.ts';
import { printerOption, printHelp, printOptions, printPlan } from './print-plan.ts';
import { refuseChanged, replaceConfiguration } from './write-access.ts';

const notConfirmed = 2;

/** `defender-siem deprovision`: removes what `provision` made, and only that. */
export const deprovision: Command = {
  options: { ...administerOptions, yes: { type: 'boolean' }, ...printOptions },
  help: [
    ...administerHelp,
    printHelp,
    '  --yes                   does it; without it, what would be removed is only listed',
  ],
  async run(invocation) {
    const administered = await administer(invocation, true);
    const { target, tenantId, endpoints, folder, path, http } = administered;
    const { io, options } = invocation;
    const tell = teller(invocation, 'step');
    try {
      if (target.group !== undefined) throw isCustomer(target.name, target.group);
      const printer = printerOption(invocation);
      const directory = await openDirectory(invocation, administered, {
        delegated: false,
        clock: systemClock,
        tell: printer === undefined ? tell : io.err,
      });
      const request = {
        tenant: { name: target.name, id: tenantId },
        auth: target.auth,
        clientId: target.clientId,
        connector: connectorOption(invocation),
        folder,
      };
      const parts = { directory, clock: systemClock, tell, signal: io.stop };
      const removal = await draftRemoval(request, parts);
      if (printer !== undefined) {
        printPlan(invocation, printer, removal.plan, { endpoints, clock: systemClock });
        return 0;
      }
      const aside = removal.endsAuth ? setAside(administered) : undefined;
      if (removal.plan.steps.length === 0 && removal.files.length === 0 && aside === undefined) {
        tell('nothing is to be removed');
        return 0;
      }
      if (options.yes !== true || options['dry-run'] === true) {
        for (const line of intentions(removal)) tell(line);
        if (aside !== undefined) tell(`would set aside auth of ${target.name} in ${path}`);
        if (options['dry-run'] === true) return 0;
        io.err('Nothing was removed: run it again with --yes to do this.');
        return notConfirmed;
      }
      return await aloneWithTenant(accessFiles(folder, target.name), parts, async () => {
        refuseChanged(path, administered.text);
        const note =
          removal.application === undefined ? [] : [await noteRemoval(request, removal, systemClock.now())];
        await remove(removal, parts);
        if (aside !== undefined) {
          await replaceConfiguration(path, administered.text, aside.text);
          for (const line of aside.changes) tell(`${path}: ${line}`);
        }
        await removeFiles([...new Set([...removal.files, ...note])], tell);
        return 0;
      });
    } finally {
      http.close();
    }
  },
};

function intentions({ plan, files }: Removal): readonly string[] {
  const { application } = plan;
  const which =
    application === undefined ? '' : `: ${application.displayName} (client id ${application.appId})`;
  return [
    ...plan.steps.map((step) => `would ${stepWords(step)}${which}`),
    ...files.map((file) => `would delete ${file}`),
  ];
}

async function remove({ plan }: Removal, { directory, tell }: ProvisionParts): Promise<void> {
  if (plan.application === undefined) return;
  await applyPlan(plan, {
    directory,
    tell,
    onApplication: async () => {},
    addCredential: () => Promise.reject(new TypeError('nothing is added where all is removed')),
  });
}

/** Returns the configuration without the tenant's identity; undefined where it has none. */
function setAside({ text, target }: Administered): Edited | undefined {
  if (text === undefined || target.index === undefined) return undefined;
  const edited = setAuthAside(text, target.index, new Date(systemClock.now()).toISOString().slice(0, 10));
  return edited.changes.length === 0 ? undefined : edited;
}

function isCustomer(name: string, group: string): ConnectorError {
  return new ConnectorError(
    'ARGUMENTS_INVALID',
    `${name} is a customer of ${group}: the application is the group's. To end its access there, delete its enterprise application in the customer's portal, and take the customer out of the list.`,
  );
}
