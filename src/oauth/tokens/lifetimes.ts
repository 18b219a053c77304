/** Lifetimes in seconds (RFC 9700 §4.14: short access tokens, refresh tokens with an idle and a final end). */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { isRefusal } from '../../auth/guard/principal-cache.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache } from '../../platform/events/invalidated-cache.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

export const LIFETIMES = {
  /** Used if the organization sets none. */
  accessToken: HOUR,
  /** Replay is detected only while the code is remembered. */
  authorizationCode: 60,
  deviceCode: 600,
  pushedRequest: 60,
  idToken: 600,
  /** A page for signing in or consenting. */
  interaction: 600,
  refreshTokenIdle: 14 * DAY,
  /** Starts at the authorization, independent of refreshes. The library never prolongs a grant. */
  grant: 90 * DAY,
  /** A working day. With "stay signed in": two weeks. */
  session: 12 * HOUR,
  /** Between the code page of a device and its form. */
  anonymousSession: HOUR,
  rememberedSession: 14 * DAY,
} as const;

/** Remaining lifetime of a refresh token issued now: until it has been idle for too long, or until the grant's end. */
export const computeRefreshTokenLifetime = (firstIssuedAt: number, now: number): number =>
  Math.max(1, Math.min(LIFETIMES.refreshTokenIdle, firstIssuedAt + LIFETIMES.grant - now));

interface OrganizationLifetimes {
  clientSeconds: number;
  userSeconds: number;
}

const ORGANIZATION_CACHE_SIZE = 10_000;

@Injectable()
export class TokenLifetimes {
  readonly #cache: InvalidatedCache<OrganizationLifetimes>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: ORGANIZATION_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
      isRefusal,
    });
  }

  /** Returns the lifetimes from the organization's settings. */
  get(organizationId: string): Promise<OrganizationLifetimes> {
    return this.#cache.get(organizationId, async () => {
      const [row] = await this.dataSource.query<{ client: number; member: number }[]>(
        `SELECT client_token_lifetime_seconds AS client, user_token_lifetime_seconds AS member
           FROM organization WHERE id = $1`,
        [organizationId],
      );
      return {
        value: {
          clientSeconds: row?.client ?? LIFETIMES.accessToken,
          userSeconds: row?.member ?? LIFETIMES.accessToken,
        },
        tags: [authTag.organization(organizationId)],
      };
    });
  }
}
