import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SealedBox, type SealContext } from '../../platform/crypto/sealed-box.js';
import { Secret } from '../../platform/crypto/secret.js';
import type { IdentityProviderId } from '../../platform/ids.js';

const createSealContext = (id: string): SealContext => ({
  table: 'identity_provider',
  column: 'sealed_client_secret',
  id,
});

/** Client secret with which Gatehouse authenticates at a provider when people sign in through it. */
@Injectable()
export class SignInSecret {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SealedBox,
  ) {}

  seal(value: string, id: string): string {
    return this.box.seal(new Secret(value), createSealContext(id));
  }

  /** Null: Gatehouse is a public client there. Throws when ENCRYPTION_KEYS cannot decrypt it. */
  async open(id: IdentityProviderId): Promise<Secret | null> {
    const [row] = await this.dataSource.query<{ sealed: string | null }[]>(
      'SELECT sealed_client_secret AS sealed FROM identity_provider WHERE id = $1',
      [id],
    );
    return row?.sealed ? this.box.open(row.sealed, createSealContext(id)) : null;
  }
}
