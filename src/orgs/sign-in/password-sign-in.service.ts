import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Secret } from '../../platform/crypto/secret.js';
import type { OrgId, UserId } from '../../platform/ids.js';
import { hashPassword, verifyPassword } from './password-hash.js';
import { UserEntity } from '../users/user.entity.js';
import { normalizeEmail } from '../users/users.dto.js';

export interface SignedInUser {
  userId: UserId;
  organizationId: OrgId;
}

/** Identifies a user by e-mail address and password. Does not limit attempts: the caller does. */
@Injectable()
export class PasswordSignInService implements OnModuleInit {
  /** The hash of an unknown random password. */
  #dummyHash: string;

  constructor(private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    this.#dummyHash = await hashPassword(new Secret(randomBytes(32).toString('base64url')));
  }

  /**
   * Returns null alike for an unknown address, a user who is disabled or has no password, and a wrong password; and
   * after the same work, so that neither the response nor its time reveals who has an account.
   */
  async verify(email: string, password: Secret): Promise<SignedInUser | null> {
    const user = await this.dataSource.manager.findOneBy(UserEntity, { email: normalizeEmail(email) });
    const passwordHash = user && !user.isDisabled ? user.passwordHash : null;
    const isValid = await verifyPassword(passwordHash ?? this.#dummyHash, password);
    if (!user || passwordHash === null || !isValid) return null;
    return { userId: user.id as UserId, organizationId: user.organizationId as OrgId };
  }
}
