/** Manages only a person's own keys, also for people who may manage other people's keys in the admin API. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../auth/callers/actor.js';
import { getUserId } from '../../../auth/callers/caller.js';
import type { ProviderKeyView } from '../../../keys/provider-keys/provider-keys.dto.js';
import { ProviderKeysReader } from '../../../keys/provider-keys/provider-keys.reader.js';
import type { VirtualKeyView } from '../../../keys/virtual-keys/virtual-keys.dto.js';
import { VirtualKeysReader } from '../../../keys/virtual-keys/virtual-keys.reader.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';

/** More than any person keeps; the page has no pagination. */
const ALL_ROWS = { limit: 1000, offset: 0 };

@Injectable()
export class OwnKeys {
  constructor(
    private readonly providers: ProviderKeysReader,
    private readonly virtual: VirtualKeysReader,
  ) {}

  /** Returns the person's provider keys, newest first, like the other lists. */
  async listProviderKeys(actor: Actor): Promise<ProviderKeyView[]> {
    return (await this.providers.listAvailable(actor, { ...ALL_ROWS, scope: 'personal' })).data;
  }

  /** Returns the provider keys that the person's calls may use: their own, their teams' and the organization's. */
  async listUsable(actor: Actor): Promise<ProviderKeyView[]> {
    return (await this.providers.listAvailable(actor, ALL_ROWS)).data;
  }

  async listVirtualKeys(actor: Actor): Promise<VirtualKeyView[]> {
    return (await this.virtual.list(actor, { ...ALL_ROWS, scope: 'personal', ownerId: getUserId(actor.caller)! })).data;
  }

  /** Throws `not_found` when the person has no provider key with this id. */
  async checkProviderKey(actor: Actor, id: string): Promise<void> {
    if (!(await this.listProviderKeys(actor)).some((key) => key.id === id)) throw noSuchKey('provider key');
  }

  /** Throws `not_found` when the person has no virtual key with this id. */
  async checkVirtualKey(actor: Actor, id: string): Promise<void> {
    if (!(await this.listVirtualKeys(actor)).some((key) => key.id === id)) throw noSuchKey('virtual key');
  }
}

const noSuchKey = (kind: string): GatewayError =>
  new GatewayError('not_found', `You have no such ${kind}, or it was deleted already.`);
