/** Makes one attempt: signed, through the guarded egress, and within a time limit. */
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/time/clock.js';
import { SealedBox } from '../../platform/crypto/sealed-box.js';
import { Egress } from '../../platform/egress/egress.js';
import { postSigned } from '../../platform/egress/signed-post.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { AttemptOutcome, TakenDelivery } from './queue.js';
import { createWebhookSealContext } from '../entities/webhook.entity.js';

/** The response body is not used. The limit allows for receivers that respond with a web page. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

@Injectable()
export class WebhookSender {
  /** Time from the connection to the last byte of the response. Tests shorten it. */
  timeoutMs = 10_000;

  constructor(
    private readonly egress: Egress,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /** Never rejects: a failure is an outcome. */
  async attempt(delivery: TakenDelivery): Promise<AttemptOutcome> {
    const { id, webhookId, url, payload } = delivery;
    try {
      const secret = this.box.open(delivery.sealedSecret, createWebhookSealContext(webhookId));
      const { status } = await postSigned(this.egress, url, {
        ...{ id, body: payload, secret, at: this.clock.now() },
        ...{ timeoutMs: this.timeoutMs, maxBytes: MAX_RESPONSE_BYTES, accept: '*/*' },
      });
      return { status, error: status >= 200 && status < 300 ? null : formatRefusal(status) };
    } catch (error) {
      const detail = error instanceof GatewayError ? error.detail : 'The secret of the webhook cannot be decrypted.';
      return { status: null, error: detail };
    }
  }
}

const formatRefusal = (status: number): string =>
  status >= 300 && status < 400
    ? `The receiver responded with ${status}. Redirects are not followed: set the address that it redirects to.`
    : `The receiver responded with ${status}.`;
