import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppConfig, ConfigError } from '../platform/config/app-config.js';
import { Secret } from '../platform/crypto/secret.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { OrganisationEntity } from './organisation.entity.js';
import { OrganizationCreator } from './organization-creator.js';
import { hashPassword } from './password-hash.js';

export interface FirstOwner {
  email: string;
  /** The password that was made up for the owner, to be printed once; null when it was configured. */
  generatedPassword: Secret | null;
}

// Processes that start at once on one empty database take turns. The number is arbitrary but fixed, and not another lock's.
const FIRST_START_LOCK = 4_739_202;
// 128 bits, so that it needs no rate limit to stand.
const PASSWORD_BYTES = 16;

/** Fills an empty database: one organisation, its owner, its default LLM proxy. Safe to run at every start, in any number of processes. */
@Injectable()
export class FirstStart {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly creator: OrganizationCreator,
    private readonly config: AppConfig,
  ) {}

  /** The owner that was made; null when the database was not empty. Throws ConfigError when it cannot tell who is to own it. */
  async run(): Promise<FirstOwner | null> {
    if (!(await isEmpty(this.dataSource.manager))) return null;
    const { email, password, generatedPassword } = this.#owner();
    const ownerPasswordHash = await hashPassword(password);
    return this.unitOfWork.run(async (work) => {
      await work.manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_START_LOCK]);
      if (!(await isEmpty(work.manager))) return null;
      await this.creator.create(work, {
        name: 'Default organisation',
        slug: 'default',
        isDefault: true,
        ownerEmail: email,
        ownerPasswordHash,
      });
      return { email, generatedPassword };
    });
  }

  #owner(): { email: string; password: Secret; generatedPassword: Secret | null } {
    const { firstStart, database } = this.config;
    // A shared database may be reached by others than the person who reads this process's output.
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

const isEmpty = async (manager: EntityManager): Promise<boolean> => !(await manager.exists(OrganisationEntity));
