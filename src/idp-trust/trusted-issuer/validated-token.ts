/** Contents of a genuine token of a trusted provider, as far as Gatehouse uses them. */
export interface ValidatedToken {
  /** All claims, verified. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** By the provider's claim mapping; not empty, at most 255 characters. */
  readonly subject: string;
  /** Lower case; null when absent. Verified only by a boolean `true` (or by the preset's own word for it). */
  readonly email: { readonly address: string; readonly isVerified: boolean } | null;
  readonly name: string | null;
  /** Null: the token does not list them (no claim, or Entra's overage); then nothing may be concluded. */
  readonly groups: readonly string[] | null;
  readonly isIdToken: boolean;
  /** Unix milliseconds, the clock leeway included: to be compared strictly. */
  readonly expiresAt: number;
  /** Id or thumbprint of the key that signed it; its callers are tagged with it (authTag.identityProviderKey). */
  readonly keyId: string;
}

/** One check of a token, as shown to an admin who tests one. */
export interface TokenCheck {
  /**
   * `structure`, `header`, `algorithm`, `issuer`, `key`, `signature`, `signed issuer`, `audience`, `times`, `type`,
   * `party`, `proof`, `claims`, `subject`: in the order in which they run.
   */
  readonly name: string;
  readonly passed: boolean;
  /** What was found and what is expected. Never contains a token. */
  readonly detail: string;
}
