import { statSync } from 'node:fs';
import { setAuthAside } from '../config/edit-tenant.ts';
import { writeWholeFile } from '../fields/whole-file.ts';
import { applyPlan } from '../provision/apply.ts';
import { draftRemoval, removeFiles } from '../provision/deprovision.ts';
import { stepWords } from '../provision/words.ts';
import { systemClock } from '../runtime/clock.ts';
import { administer, administerHelp, administerOptions, openDirectory, teller } from './administer.ts';
import { type Command, type Invocation, textOption } from './command.ts';

const notConfirmed = 2;

/** `defender-siem deprovision`: removes what `provision` made, and only that. */
export const deprovision: Command = {
  options: { ...administerOptions, yes: { type: 'boolean' } },
  help: [
    ...administerHelp,
    '  --yes                   does it; without it, what would be removed is only listed',
  ],
  async run(invocation) {
    const administered = await administer(invocation, true);
    const { target, tenantId, folder, path, text, http } = administered;
    const { io, options } = invocation;
    const tell = teller(invocation, 'step');
    try {
      const directory = await openDirectory(invocation, administered, {
        delegated: false,
        clock: systemClock,
        tell,
      });
      const removal = await draftRemoval(
        {
          tenant: { name: target.name, id: tenantId },
          auth: target.auth,
          clientId: target.clientId,
          connector: textOption(invocation, 'name') ?? 'default',
          folder,
        },
        { directory, clock: systemClock, tell, signal: io.stop },
      );
      const { plan, files } = removal;
      const hasAuth =
        target.auth !== undefined &&
        target.auth.kind !== 'managed-identity' &&
        text !== undefined &&
        target.index !== undefined;
      if (plan.steps.length === 0 && files.length === 0 && !hasAuth) {
        tell('nothing is to be removed');
        return 0;
      }
      if (options.yes !== true || options['dry-run'] === true) {
        for (const step of plan.steps) tell(`would ${stepWords(step)}${of(plan.application)}`);
        for (const file of files) tell(`would delete ${file}`);
        if (hasAuth) tell(`would set aside auth of ${target.name} in ${path}`);
        if (options['dry-run'] === true) return 0;
        io.err('Nothing was removed: run it again with --yes to do this.');
        return notConfirmed;
      }
      await remove(removal, { directory, tell });
      if (hasAuth) await setAside(invocation, path, text, target.index);
      return 0;
    } finally {
      http.close();
    }
  },
};

type Removal = Awaited<ReturnType<typeof draftRemoval>>;

async function remove(
  { plan, files }: Removal,
  {
    directory,
    tell,
  }: {
    readonly directory: Parameters<typeof applyPlan>[1]['directory'];
    readonly tell: (line: string) => void;
  },
): Promise<void> {
  if (plan.application !== undefined) {
    await applyPlan(plan, {
      directory,
      tell,
      onApplication: async () => {},
      addCredential: () => Promise.reject(new TypeError('nothing is added where all is removed')),
    });
  }
  await removeFiles(files, tell);
}

async function setAside(
  invocation: Invocation,
  path: string,
  text: string,
  index: number | undefined,
): Promise<void> {
  if (index === undefined) return;
  const edited = setAuthAside(text, index, new Date(systemClock.now()).toISOString().slice(0, 10));
  if (edited.changes.length === 0) return;
  await writeWholeFile(path, edited.text, statSync(path).mode & 0o777);
  for (const line of edited.changes) teller(invocation, 'step')(`${path}: ${line}`);
}

function of(application: Removal['plan']['application']): string {
  return application === undefined ? '' : ` ${application.displayName} (client id ${application.appId})`;
}
