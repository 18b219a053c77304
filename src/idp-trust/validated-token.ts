/** What a genuine token of a trusted provider says, as far as we use it. */
export interface ValidatedToken {
  /** All claims, verified. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** By the provider's claim mapping; not empty, at most 255 characters. */
  readonly subject: string;
  /** Lower case; null when there is none. Verified only by a boolean `true` (or by the preset's own word for it). */
  readonly email: { readonly address: string; readonly isVerified: boolean } | null;
  readonly name: string | null;
  /** Null: the token does not tell (no claim, or Entra's overage); then nothing may be concluded from it. */
  readonly groups: readonly string[] | null;
  readonly isIdToken: boolean;
  /** Unix milliseconds, the leeway for clocks included: to be compared strictly. */
  readonly expiresAt: number;
  /** The key that signed it, by its id or thumbprint; a caller whom it lets in is tagged with it (authTag.identityProviderKey). */
  readonly keyId: string;
}

/** One check of a token, as an admin who tests one sees it. */
export interface TokenCheck {
  /** `structure`, `header`, `algorithm`, `issuer`, `key`, `signature`, `signed issuer`, `audience`, `times`, `type`, `party`, `proof`, `claims`, `subject`: in the order in which they are made. */
  readonly name: string;
  readonly passed: boolean;
  /** What was found and what is expected. Never a token. */
  readonly detail: string;
}
