#!/usr/bin/env node
/**
 * The `gatehouse` command. Exit codes: 0 done; 1 refused, failed, or partly done; 2 invalid command line. Results are
 * written to standard output, logs and errors to standard error.
 * Each command imports what it needs when it runs: the modules of the server take seconds to load.
 */
import { Command, CommanderError } from 'commander';
import type { VerifyOptions } from './cli/database-commands.js';
import { WRONG_COMMAND_LINE } from './cli/exit-codes.js';
import type { NewOrganizationOptions, RepriceOptions } from './cli/module-commands.js';
import { parseEmail, parseEnd, parseInstant, parseName, parseSlug } from './cli/options.js';
import { PROGRAM_VERSION } from './platform/process/program-version.js';

const loadDatabaseCommands = () => import('./cli/database-commands.js');
const loadModuleCommands = () => import('./cli/module-commands.js');
const loadServer = () => import('./app/serve.js');

/** Resolves with the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('gatehouse').description('The LLM gateway whose strength is authentication.');
  const withExitCode =
    <T>(action: (options: T) => Promise<number>) =>
    async (options: T): Promise<void> => {
      code = await action(options);
    };
  program.version(PROGRAM_VERSION).exitOverride().showHelpAfterError('(see --help)');
  program
    .command('start')
    .description('start the gateway, as `npm start` does')
    .action(withExitCode(async () => (await loadServer()).serve(process.env)));
  program
    .command('migrate')
    .description('bring the database schema up to date; `start` does so automatically')
    .option('--status', 'only print which migrations are applied and which are pending; exits 1 while one is pending')
    .action(
      withExitCode<{ status?: true }>(async ({ status }) => (await loadDatabaseCommands()).migrate(status === true)),
    );
  program
    .command('reseal')
    .description('re-seal all sealed values with the first of ENCRYPTION_KEYS')
    .addHelpText('after', RESEAL_HELP)
    .action(withExitCode(async () => (await loadDatabaseCommands()).reseal()));
  program
    .command('rotate-signing-key')
    .description('create the next signing keys for ID tokens; `start` does so automatically every 90 days')
    .option('--at-once', 'sign with them immediately and withdraw the current keys, which may be compromised')
    .action(
      withExitCode<{ atOnce?: true }>(async ({ atOnce }) =>
        (await loadModuleCommands()).rotateSigningKey(atOnce === true),
      ),
    );
  program
    .command('create-organization')
    .description('create an organization, with its default LLM proxy and an invitation for its owner')
    .requiredOption('--name <name>', 'its name', parseName)
    .requiredOption(
      '--slug <slug>',
      'its short name, unique in the deployment: lower-case letters, digits and hyphens',
      parseSlug,
    )
    .requiredOption('--owner-email <address>', "the owner's e-mail address", parseEmail)
    .action(
      withExitCode<NewOrganizationOptions>(async (options) => (await loadModuleCommands()).createOrganization(options)),
    );
  program
    .command('verify-audit-log')
    .description('find audit entries that were changed, removed, inserted or reordered; exits 1 if there are any')
    .option('--organization <slug>', 'only the audit log of this organization', parseSlug)
    .option('--kept <end>', 'the end of the log as this command printed it before: <count>:<hash>', parseEnd)
    .addHelpText('after', VERIFY_HELP)
    .action(withExitCode<VerifyOptions>(async (options) => (await loadDatabaseCommands()).verifyAuditLog(options)));
  program
    .command('rerate')
    .description('recalculate the cost of calls with the prices that are now set for the time of each call')
    .requiredOption('--from <instant>', 'calls from this instant on, such as 2030-01-31T00:00:00Z', parseInstant)
    .requiredOption('--to <instant>', 'calls before this instant', parseInstant)
    .option('--organization <slug>', 'only calls of this organization', parseSlug)
    .option('--dry-run', 'only print what would change')
    .addHelpText('after', REPRICE_HELP)
    .action(withExitCode<RepriceOptions>(async (options) => (await loadModuleCommands()).reprice(options)));
  program
    .command('demo')
    .description('show the gateway at work, with an in-memory database and a built-in provider')
    .option('--stay', 'keep it running afterwards, until Ctrl+C')
    .action(
      withExitCode<{ stay?: true }>(async ({ stay }) => {
        const [{ runDemo }, { startGateway }] = await Promise.all([import('./demo/demo.js'), loadServer()]);
        return runDemo(stay === true, startGateway);
      }),
    );
  await program.parseAsync(argv);
  return code;
}

const RESEAL_HELP = `
To rotate the encryption key without a pause:
  1. add the new key after the old one in ENCRYPTION_KEYS of every process, and restart
  2. move the new key to the front in every process, and restart
  3. run this command with the same ENCRYPTION_KEYS
  4. remove the old key`;

const VERIFY_HELP = `
An attacker who can write to the database can also rewrite the whole log from some entry on. Keep the end that is
printed for each organization somewhere else, and pass it with --kept: the log must still contain it.`;

const REPRICE_HELP = `
Records and statistics change together. Calls may continue meanwhile, and an interrupted run can be started again. Limits keep
what they have counted. The audit log has that it was begun and what came of it.`;

run(process.argv).then(
  (code) => process.exit(code),
  async (error: unknown) => {
    // Commander has already printed the error in the command line, or the requested help.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : WRONG_COMMAND_LINE);
    const { formatFailure } = await import('./app/failure.js');
    process.stderr.write(`${formatFailure(error)}\n`);
    process.exit(1);
  },
);
