/**
 * Why a token of an identity provider is not believed. Outside there is one answer for all of these (401, one message);
 * the reason is for the log, the interaction record, and the admin who tests a token.
 */
export type RefusalReason =
  // its form
  | 'jwt_too_long'
  | 'jwt_malformed'
  | 'jwt_encrypted'
  | 'jwt_duplicate_member'
  | 'jwt_header_forbidden'
  | 'jwt_algorithm'
  | 'jwt_type'
  // whose it is, and whether it is genuine
  | 'jwt_issuer_unknown'
  | 'jwt_issuer_not_linked'
  | 'jwt_key_unknown'
  | 'jwt_signature'
  // what it says
  | 'jwt_audience'
  | 'jwt_expiry_missing'
  | 'jwt_expired'
  | 'jwt_not_yet_valid'
  | 'jwt_issued_in_future'
  | 'jwt_issue_time_missing'
  | 'jwt_too_old'
  | 'jwt_lifetime_too_long'
  | 'jwt_subject'
  | 'jwt_id_token'
  | 'jwt_authorized_party'
  | 'jwt_proof_required'
  | 'jwt_claim_required'
  | 'jwt_replayed'
  // who it names
  | 'user_not_linked'
  | 'user_disabled'
  | 'user_of_another_organisation'
  | 'workload_not_bound';

export class TokenRefusal extends Error {
  /** `detail`: for the log and for admins; names claims and expectations, never a token. */
  constructor(
    readonly reason: RefusalReason,
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'TokenRefusal';
  }
}
