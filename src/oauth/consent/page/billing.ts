/** Describes who would pay for the calls of an application that acts for a user. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MemberKeysReader, type MemberKey } from '../../../keys/credentials/member-keys.reader.js';
import type { UserId } from '../../../platform/ids.js';
import { findProvider } from '../../../providers/registry.js';

const NO_KEYS =
  'You have no provider keys at the moment, so calls will be refused until you or your organization store one.';

@Injectable()
export class ConsentBilling {
  constructor(
    private readonly keys: MemberKeysReader,
    private readonly dataSource: DataSource,
  ) {}

  /** Returns one line per payer: the key that a call would use today, by provider. */
  async describe(userId: UserId, organizationName: string): Promise<string[]> {
    const usedKeys = selectFirstPerProvider(await this.keys.listByUser(userId, null));
    if (usedKeys.length === 0) return [NO_KEYS];
    const teams = await this.#loadTeamNames(usedKeys);
    const namesByPayer = new Map<string, string[]>();
    for (const key of usedKeys) {
      const payer = describePayer(key, organizationName, teams);
      const names = namesByPayer.get(payer) ?? [];
      names.push(findProvider(key.provider)?.displayName ?? key.provider);
      namesByPayer.set(payer, names);
    }
    return [...namesByPayer].map(([payer, names]) => `Calls to ${joinNames(names)} are billed to ${payer}.`);
  }

  async #loadTeamNames(keys: readonly MemberKey[]): Promise<Map<string, string>> {
    const ids = keys.flatMap(({ teamId }) => (teamId === null ? [] : [teamId]));
    if (ids.length === 0) return new Map();
    const rows = await this.dataSource.query<{ id: string; name: string }[]>(
      'SELECT id, name FROM team WHERE id = ANY ($1::uuid[])',
      [ids],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

/** The first of each provider; the list is sorted by preference. */
const selectFirstPerProvider = (keys: readonly MemberKey[]): MemberKey[] =>
  keys.filter((key, i) => keys.findIndex(({ provider }) => provider === key.provider) === i);

function describePayer(key: MemberKey, organizationName: string, teams: ReadonlyMap<string, string>): string {
  if (key.scope === 'personal') return 'your own key';
  return key.scope === 'team' ? `the team ${teams.get(key.teamId!) ?? 'that you are in'}` : organizationName;
}

const joinNames = (names: readonly string[]): string =>
  names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
