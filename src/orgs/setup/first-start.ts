import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig, ConfigError } from '../../platform/config/app-config.js';
import { Secret } from '../../platform/crypto/secret.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { OrganizationEntity } from '../organization/organization.entity.js';
import { OrganizationCreator } from './organization-creator.js';
import { hashPassword } from '../sign-in/password-hash.js';

export interface FirstOwner {
  email: string;
  /** The generated password of the owner, to be printed once; null when it was configured. */
  generatedPassword: Secret | null;
}

// Serializes processes that start simultaneously on one empty database. The number is arbitrary, but fixed and distinct
// from other locks.
const FIRST_START_LOCK = 4_739_202;
// 128 bits: too many to guess even without a rate limit.
const PASSWORD_BYTES = 16;

/**
 * Initializes an empty database with one organization, its owner and its default LLM proxy. Safe to run at every start,
 * in any number of processes.
 */
@Injectable()
export class FirstStart {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly creator: OrganizationCreator,
    private readonly config: AppConfig,
  ) {}

  /**
   * Returns the created owner, or null when the database was not empty. Throws ConfigError when the owner is not
   * determined.
   */
  async run(): Promise<FirstOwner | null> {
    if (!(await isEmpty(this.dataSource.manager))) return null;
    const { email, password, generatedPassword } = this.#resolveOwner();
    const ownerPasswordHash = await hashPassword(password);
    return this.unitOfWork.run(async (work) => {
      await work.manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_START_LOCK]);
      if (!(await isEmpty(work.manager))) return null;
      await this.creator.create(work, {
        name: 'Default organization',
        slug: 'default',
        isDefault: true,
        ownerEmail: email,
        ownerPasswordHash,
      });
      return { email, generatedPassword };
    });
  }

  #resolveOwner(): { email: string; password: Secret; generatedPassword: Secret | null } {
    const { firstStart, database } = this.config;
    // Users other than the reader of this process's output may reach a shared database.
    if (database.url && !(firstStart.email && firstStart.password)) {
      throw new ConfigError([
        'ADMIN_EMAIL, ADMIN_PASSWORD: the database is empty; set both to name its first owner, and start again',
      ]);
    }
    const email = (firstStart.email ?? 'admin@localhost').toLowerCase();
    if (firstStart.password) return { email, password: firstStart.password, generatedPassword: null };
    const generatedPassword = new Secret(randomBytes(PASSWORD_BYTES).toString('base64url'));
    return { email, password: generatedPassword, generatedPassword };
  }
}

const isEmpty = async (manager: EntityManager): Promise<boolean> => !(await manager.exists(OrganizationEntity));
