import { readFile } from 'node:fs/promises';
import { Secret } from '../../platform/crypto/secret.js';
import type { BoundedResponse } from '../../platform/egress/bounded-fetch.js';
import type { Egress } from '../../platform/egress/egress.js';
import { stripScheme, unavailable, type SecretSource } from './secret-source.js';

export interface VaultOptions {
  /** Address of Vault, such as `https://vault.internal:8200`. A path before `/v1` is kept. */
  address: string;
  /** Exactly one of the two. The file is read each time, so that an agent may renew it. */
  token: Secret | null;
  tokenFile?: string | null;
  /** Vault Enterprise namespace. */
  namespace: string | null;
  /** Restricts references to this prefix (`kv/gatehouse/`). Default: the token's policy alone decides. */
  pathPrefix?: string;
}

/** Calls wait for this; Vault responds from memory within milliseconds. */
const TIMEOUT_MS = 3_000;
/** Vault's own limit for an entry with its default storage. */
const MAX_BYTES = 1024 * 1024;

const SYNTAX = /^(?<mount>[^/#?]+)\/(?<path>[^#?]+)#(?<field>.+)$/;

interface SecretPath {
  mount: string;
  path: string[];
  field: string;
}

/**
 * `vault:<mount>/<path>#<field>`: one field of the newest version of a secret in HashiCorp Vault's key-value engine,
 * version 2 (`GET /v1/<mount>/data/<path>`). The mount is the first segment.
 *
 * The egress must be allowed to reach Vault, and should be separate: every user who may save a provider's address could
 * reach a host listed for the upstreams' egress.
 */
export class VaultSecretSource implements SecretSource {
  readonly scheme = 'vault';

  constructor(
    private readonly egress: Egress,
    private readonly options: VaultOptions,
  ) {}

  findProblem(reference: string): string | null {
    if (parse(reference) === null) return 'The reference must be vault:<mount>/<path>#<field>.';
    const prefix = this.options.pathPrefix ?? '';
    return reference.startsWith(`vault:${prefix}`) ? null : `Only secrets below ${prefix} can be used.`;
  }

  async read(reference: string): Promise<Secret> {
    const problem = this.findProblem(reference);
    const secretPath = parse(reference);
    if (problem !== null || secretPath === null)
      throw unavailable('secret_reference_invalid', `${reference}: ${problem}`);
    const response = await this.#fetch(reference, secretPath);
    if (response.status !== 200) throw refused(reference, response);
    const value = readField(response.body, secretPath.field);
    if (!value) throw unavailable('secret_missing', `${reference}: the field is not there or not a text`);
    return new Secret(value);
  }

  async #fetch(reference: string, { mount, path }: SecretPath): Promise<BoundedResponse> {
    const urlPath = [mount, 'data', ...path].map(encodeURIComponent).join('/');
    const url = `${this.options.address.replace(/\/+$/, '')}/v1/${urlPath}`;
    const headers = {
      'x-vault-token': (await this.#readToken()).expose(),
      'x-vault-request': 'true',
      ...(this.options.namespace === null ? {} : { 'x-vault-namespace': this.options.namespace }),
    };
    try {
      return await this.egress.fetchBounded(url, { headers, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
    } catch (error) {
      throw unavailable('vault_unreachable', `${reference}: ${(error as Error).message}`, error);
    }
  }

  async #readToken(): Promise<Secret> {
    if (this.options.token !== null) return this.options.token;
    if (!this.options.tokenFile)
      throw unavailable('vault_not_configured', 'Vault has neither a token nor a token file');
    try {
      return new Secret((await readFile(this.options.tokenFile, 'utf8')).trim());
    } catch (error) {
      throw unavailable(
        'vault_token_unreadable',
        `The Vault token file cannot be read: ${(error as Error).message}`,
        error,
      );
    }
  }
}

function parse(reference: string): SecretPath | null {
  const groups = SYNTAX.exec(stripScheme('vault', reference) ?? '')?.groups;
  if (groups === undefined) return null;
  const { mount = '', path = '', field = '' } = groups;
  const segments = path.split('/');
  const hasInvalidSegment = [mount, ...segments].some(
    (segment) => segment === '' || segment === '.' || segment === '..',
  );
  return hasInvalidSegment ? null : { mount, path: segments, field };
}

function refused(reference: string, { status, body }: BoundedResponse): Error {
  // Vault responds 404 also for a deleted version, and 403 for a path that its policy hides.
  const reason = status === 404 ? 'secret_missing' : status === 403 ? 'vault_denied' : 'vault_failed';
  const errors = (parseObject(body) as { errors?: unknown } | null)?.errors;
  return unavailable(reason, `${reference}: Vault responded with ${status} ${JSON.stringify(errors ?? [])}`);
}

function readField(body: Buffer, field: string): string | null {
  const secret = parseObject(body) as { data?: { data?: Record<string, unknown> | null } } | null;
  const fields = secret?.data?.data ?? {};
  const value = Object.hasOwn(fields, field) ? fields[field] : null;
  return typeof value === 'string' ? value.trim() : null;
}

function parseObject(body: Buffer): object | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' ? parsed : null;
  } catch {
    return null;
  }
}
