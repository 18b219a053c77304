/** Reads the stored keys that could serve a caller, with the reason for each. For explanations: opens no key. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller, KeySource } from '../../auth/callers/caller.js';
import type { ProviderId } from '../../providers/contract/provider-adapter.js';
import type { HolderType } from '../key-bindings/key-binding.store.js';
import {
  evaluateForHolder,
  evaluateForMember,
  type ConsideredKey,
  type KeyEvaluation,
  type MemberCandidate,
} from './evaluate-keys.js';
import { RESOLUTION_ORDER } from '../credentials/member-keys.reader.js';

const KEY = 'k.name, k.scope, k.team_id AS "teamId", coalesce(k.is_primary, false) AS "isPrimary"';

const OF_MEMBER = `
  SELECT k.id, k.provider, ${KEY}, k.scope = ANY (o.key_resolution_order) AS "isResolved",
         k.scope <> 'team' OR $2::uuid IS NULL OR k.team_id = $2::uuid AS "isOfChosenTeam"
    FROM app_user u
    JOIN organization o ON o.id = u.organization_id
    JOIN provider_key k ON k.organization_id = u.organization_id
    LEFT JOIN team_member m ON m.team_id = k.team_id AND m.user_id = u.id
   WHERE u.id = $1 AND NOT u.is_disabled AND k.provider = $3
     AND ((k.scope = 'personal' AND k.owner_id = u.id) OR (k.scope = 'team' AND m.user_id IS NOT NULL) OR k.scope = 'org')
   ORDER BY ${RESOLUTION_ORDER}`;

const OF_HOLDER = `
  SELECT b.provider_key_id AS id, b.provider, ${KEY}
    FROM key_binding b JOIN provider_key k ON k.id = b.provider_key_id
   WHERE b.holder_type = $1 AND b.holder_id = $2 AND b.provider = $3`;

const BY_ID = `SELECT k.id, k.provider, ${KEY} FROM provider_key k WHERE k.id = $1 AND k.organization_id = $2`;

const HOLDERS: Partial<Record<Caller['subject']['type'], HolderType>> = {
  'virtual-key': 'virtual-key',
  app: 'oauth-client',
};

@Injectable()
export class KeyChoiceReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns the keys for one provider, best first; empty for a caller who brings the key. */
  async evaluate(
    { keySource, subject }: Pick<Caller, 'keySource' | 'subject'>,
    provider: ProviderId,
  ): Promise<KeyEvaluation[]> {
    if (keySource.kind === 'member') return evaluateForMember(await this.#listForMember(keySource, provider));
    const holder = HOLDERS[subject.type];
    if (keySource.kind !== 'bound' || !holder || !('id' in subject)) return [];
    const keys = await this.dataSource.query<ConsideredKey[]>(OF_HOLDER, [holder, subject.id, provider]);
    return evaluateForHolder(keys, keySource.keys.get(provider));
  }

  /** Returns one key of the organization; null for an unknown id. */
  async findById(id: string, organizationId: string): Promise<ConsideredKey | null> {
    const [key] = await this.dataSource.query<ConsideredKey[]>(BY_ID, [id, organizationId]);
    return key ?? null;
  }

  #listForMember(
    { userId, teamId }: Extract<KeySource, { kind: 'member' }>,
    provider: ProviderId,
  ): Promise<MemberCandidate[]> {
    return this.dataSource.query<MemberCandidate[]>(OF_MEMBER, [userId, teamId, provider]);
  }
}
