import { Secret } from '../../platform/crypto/secret.js';
import { stripScheme, unavailable, type SecretSource } from './secret-source.js';

/** The prefix of names that any reference may use; the operator must list others. */
export const SECRET_VARIABLE_PREFIX = 'LLM_SECRET_';

/**
 * `env:NAME`: a provider key in the environment of the process. Only names that begin with `LLM_SECRET_`, or that the
 * operator listed, can be read: a user who may save a provider key also chooses the address it is sent to, and could
 * exfiltrate any other variable (`DATABASE_URL`, `ENCRYPTION_KEYS`) that way.
 */
export class EnvSecretSource implements SecretSource {
  readonly scheme = 'env';

  /** @param allowedNames further exact names, for deployments with existing variable names */
  constructor(
    private readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly allowedNames: readonly string[] = [],
  ) {}

  findProblem(reference: string): string | null {
    const name = stripScheme(this.scheme, reference);
    if (name === null || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'The reference must be env:NAME.';
    const allowed =
      (name.startsWith(SECRET_VARIABLE_PREFIX) && name !== SECRET_VARIABLE_PREFIX) || this.allowedNames.includes(name);
    return allowed ? null : `Only variables whose names begin with ${SECRET_VARIABLE_PREFIX} can be used.`;
  }

  async read(reference: string): Promise<Secret> {
    const problem = this.findProblem(reference);
    if (problem !== null) throw unavailable('secret_reference_invalid', `${reference}: ${problem}`);
    // Trims whitespace, which comes from files and heredocs; no provider key contains any.
    const value = this.environment[stripScheme(this.scheme, reference) ?? '']?.trim();
    if (!value) throw unavailable('secret_missing', `${reference} is not set`);
    return new Secret(value);
  }
}
