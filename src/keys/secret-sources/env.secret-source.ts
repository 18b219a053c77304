import { Secret } from '../../platform/crypto/secret.js';
import { afterScheme, unavailable, type SecretSource } from './secret-source.js';

/** The names that any reference may use; others have to be listed by the operator. */
export const SECRET_VARIABLE_PREFIX = 'LLM_SECRET_';

/**
 * `env:NAME`: a provider key in the environment of the process. Only names that begin with `LLM_SECRET_`, or that the
 * operator listed, can be read: whoever may save a provider key also chooses the address it is sent to, so any other
 * variable (`DATABASE_URL`, `ENCRYPTION_KEYS`) could be carried out of the house that way.
 */
export class EnvSecretSource implements SecretSource {
  readonly scheme = 'env';

  /** @param listed further names, exactly; for deployments whose variables are named already */
  constructor(
    private readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly listed: readonly string[] = [],
  ) {}

  problemWith(reference: string): string | null {
    const name = afterScheme(this.scheme, reference);
    if (name === null || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'The reference must be env:NAME.';
    const allowed =
      (name.startsWith(SECRET_VARIABLE_PREFIX) && name !== SECRET_VARIABLE_PREFIX) || this.listed.includes(name);
    return allowed ? null : `Only variables whose names begin with ${SECRET_VARIABLE_PREFIX} can be used.`;
  }

  async read(reference: string): Promise<Secret> {
    const problem = this.problemWith(reference);
    if (problem !== null) throw unavailable('secret_reference_invalid', `${reference}: ${problem}`);
    // Whitespace comes from files and heredocs, and no provider key contains any.
    const value = this.environment[afterScheme(this.scheme, reference) ?? '']?.trim();
    if (!value) throw unavailable('secret_missing', `${reference} is not set`);
    return new Secret(value);
  }
}
