/** The cookie that identifies a browser's sign-in, and its short-lived companions. */
import { Injectable } from '@nestjs/common';
import type { Configuration } from 'oidc-provider';
import { getSessionCookieName } from '../../auth/credentials/session-cookie.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { SealedBox } from '../../platform/crypto/sealed-box.js';

@Injectable()
export class SessionCookie {
  readonly isSecure: boolean;
  readonly name: string;

  constructor(
    private readonly box: SealedBox,
    config: AppConfig,
  ) {
    this.isSecure = config.http.publicUrl.startsWith('https:');
    this.name = getSessionCookieName(config.http.publicUrl);
  }

  /** For the library's `cookies`. The companions have their own paths, which `__Host-` forbids. */
  get settings(): Pick<NonNullable<Configuration['cookies']>, 'names' | 'long' | 'short' | 'keys'> {
    const prefix = this.isSecure ? '__Secure-' : '';
    const attributes = {
      httpOnly: true,
      sameSite: 'lax',
      secure: this.isSecure,
      signed: true,
      overwrite: true,
    } as const;
    return {
      // The first key signs, all are accepted. They rotate with the encryption keys.
      keys: this.box.derive('cookies').map((key) => key.toString('base64url')),
      names: {
        session: this.name,
        interaction: `${prefix}gatehouse_interaction`,
        resume: `${prefix}gatehouse_resume`,
      },
      long: { ...attributes, path: '/' },
      short: { ...attributes },
    };
  }

  /** Returns `Set-Cookie` values that remove the sign-in and its signature from a browser. */
  get removalHeaders(): string[] {
    const attributes = `Path=/; Max-Age=0; HttpOnly; SameSite=Lax${this.isSecure ? '; Secure' : ''}`;
    return [this.name, `${this.name}.sig`].map((name) => `${name}=; ${attributes}`);
  }
}
