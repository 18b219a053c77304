import type { Secret } from '../crypto/secret.js';
import { buildSignedHeaders } from '../crypto/webhook-signature.js';
import type { BoundedResponse } from './bounded-fetch.js';
import type { Egress } from './egress.js';

/** JSON request to a receiver that knows the secret. */
export interface SignedPost {
  /** The `webhook-id`. */
  id: string;
  body: string;
  secret: Secret;
  /** Unix milliseconds: the `webhook-timestamp`. */
  at: number;
  /** Milliseconds from the connection to the last byte of the response. */
  timeoutMs: number;
  /** Maximum bytes of the response body. */
  maxBytes: number;
  accept: string;
}

/**
 * Posts the request as Standard Webhooks specifies, through the guarded egress. Redirects are returned, not followed.
 * Rejects as `Egress.fetchBounded` does.
 */
export const postSigned = (egress: Egress, url: string, post: SignedPost): Promise<BoundedResponse> =>
  egress.fetchBounded(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Gatehouse-Webhooks',
      ...buildSignedHeaders(post.secret, post.id, post.at, post.body),
    },
    body: post.body,
    accept: post.accept,
    timeoutMs: post.timeoutMs,
    maxBytes: post.maxBytes,
  });
