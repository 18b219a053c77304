/** Connects the library to the stores: one adapter per model. */
import { Injectable } from '@nestjs/common';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from '../oidc-library/oidc-provider.js';
import { isForeignKeyViolation } from './foreign-key-violation.js';
import { ArtifactStore } from './artifacts/artifact.store.js';
import { ClientSource } from '../registration/client-source.js';
import { GrantStore } from './grant.store.js';

/** Models that are stored. Writing any other model throws, so that an unused one cannot appear unnoticed. */
const ARTIFACTS: ReadonlySet<string> = new Set([
  'Session',
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'ClientCredentials',
  'DeviceCode',
  'Interaction',
  'PushedAuthorizationRequest',
  'ReplayDetection',
]);

@Injectable()
export class StorageAdapters {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly grants: GrantStore,
    private readonly clients: ClientSource,
  ) {}

  /** Returns the adapter of a model, for the library's `adapter` setting. */
  getAdapter(model: string): Adapter {
    if (model === 'Client') return { ...UNUSED_ADAPTER, ...this.#createClientAdapter() };
    if (model === 'Grant') return { ...UNUSED_ADAPTER, ...this.#createGrantAdapter() };
    return ARTIFACTS.has(model) ? this.#createArtifactAdapter(model) : UNUSED_ADAPTER;
  }

  #createClientAdapter(): Pick<Adapter, 'find' | 'upsert'> {
    return {
      find: (clientId) => this.clients.find(clientId),
      upsert: (_, metadata) => {
        rejectUnstorable(metadata);
        return this.clients.register(metadata);
      },
    };
  }

  #createGrantAdapter(): Pick<Adapter, 'find' | 'upsert' | 'destroy'> {
    return {
      find: (id) => this.grants.find(id),
      upsert: (id, payload) => this.grants.write(id, payload),
      destroy: (id) => this.grants.destroy(id),
    };
  }

  #createArtifactAdapter(model: string): Adapter {
    const { artifacts } = this;
    return {
      find: (id) => artifacts.find(model, id),
      findByUid: (uid) => artifacts.findByUid(model, uid),
      findByUserCode: (userCode) => artifacts.findByUserCode(model, userCode),
      upsert: (id, payload) => {
        rejectUnstorable(payload);
        return checkWritten(artifacts.write(model, id, payload));
      },
      destroy: async (id) => {
        const isDeleted = await artifacts.destroy(model, id);
        // The library reads an interaction and then destroys it. Of concurrent requests, only one may continue.
        if (model === 'Interaction' && !isDeleted) throw new errors.SessionNotFound('interaction session not found');
      },
      revokeByGrantId: (grantId) => artifacts.revokeByGrant(model, grantId),
      consume: async (id) => {
        if (!(await artifacts.consume(model, id))) throw createUsedError(model);
      },
    };
  }
}

/**
 * The grant, its user or the client may end during issuance, or another request may be first: then nothing was written.
 */
async function checkWritten(write: Promise<string | null>): Promise<void> {
  let refusal: string | null;
  try {
    refusal = await write;
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new errors.InvalidGrant({ detail: 'the grant has ended', cause: error });
    throw error;
  }
  if (refusal !== null) throw new errors.InvalidGrant({ detail: refusal });
}

/** PostgreSQL cannot store a NUL or half a surrogate pair, and no client needs one. */
function rejectUnstorable(payload: AdapterPayload): void {
  if (/\\u(?:0000|d[89a-f])/.test(JSON.stringify(payload)))
    throw new errors.InvalidRequest('a parameter holds a NUL character or half a surrogate pair');
}

const createUsedError = (model: string): Error =>
  model === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri was already used')
    : new errors.InvalidGrant({ detail: `${model} was already used` });

const throwUnexpected = (): never => {
  throw new Error('this model is not stored');
};

const UNUSED_ADAPTER: Adapter = {
  find: () => Promise.resolve(undefined),
  findByUid: throwUnexpected,
  findByUserCode: throwUnexpected,
  upsert: (): never => throwUnexpected(),
  destroy: throwUnexpected,
  consume: throwUnexpected,
  revokeByGrantId: throwUnexpected,
};
