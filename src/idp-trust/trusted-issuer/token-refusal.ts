/**
 * Reasons why a token of an identity provider is refused. The HTTP response is the same for all (401, one message); the
 * reason goes to the log, the interaction record, and the admin who tests a token.
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
  // its issuer, and whether it is genuine
  | 'jwt_issuer_unknown'
  | 'jwt_issuer_not_linked'
  | 'jwt_key_unknown'
  | 'jwt_signature'
  // its content
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
  // the user or application that it identifies
  | 'user_not_linked'
  | 'user_disabled'
  | 'user_of_another_organisation'
  | 'workload_not_bound';

export class TokenRefusal extends Error {
  /** `detail`: for the log and for admins; contains names of claims and expectations, never a token. */
  constructor(
    readonly reason: RefusalReason,
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'TokenRefusal';
  }
}
