/** Kinds of webhook events and the data of each. Pure types and lists; the data never contains a secret or a prompt. */

/** Events that an organization can subscribe to. */
export const WEBHOOK_EVENTS = [
  'limit.threshold_reached',
  'limit.exceeded',
  'credential.revoked',
  'credential.unmapped',
  'guardrail.blocked',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** A limit as `/api/limits` shows it. */
export interface WebhookLimit {
  limitId: string;
  entityType: string;
  entityId: string;
  limitType: string;
  /** In the unit of `limitType`: US dollars, or a whole number. */
  limitValue: number;
  window: string;
  model: readonly string[];
}

/** `data` of an event, by its kind. */
export interface WebhookData {
  /** Sent once per window and threshold. */
  'limit.threshold_reached': WebhookLimit & { thresholdPercent: number; used: number };
  /** Sent once per window, when the limit refuses a call. */
  'limit.exceeded': WebhookLimit & { used: number };
  'credential.revoked': {
    credentialType: 'virtual_key' | 'oauth_client' | 'admin_api_key';
    id: string;
    name: string;
  };
  /** The last provider key that the credential maps to was deleted. */
  'credential.unmapped': { credentialType: 'virtual_key' | 'oauth_client'; id: string; name: string };
  /** Names the rule, never the text. */
  'guardrail.blocked': {
    interactionId: string | null;
    proxyId: string | null;
    guardrail: string;
    on: 'request' | 'answer';
  };
  /** Sent when an admin asks for it. */
  test: { webhookId: string };
}

export type DeliveredEvent = keyof WebhookData;
