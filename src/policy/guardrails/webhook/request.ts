/** The question to a webhook guardrail. Pure. */

/** The call in question; identified by ids only. */
export interface WebhookRequestCall {
  readonly interactionId: string;
  readonly organizationId: string;
  readonly proxyId: string;
  /** Null if the Model Router has not chosen yet. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly who: {
    readonly virtualKeyId: string | null;
    readonly oauthClientId: string | null;
    readonly userId: string | null;
  };
}

export interface WebhookRequestText {
  /** Identifies the text in the question and in the response. */
  readonly pointer: string;
  /** Characters of the text that were shown before; above 0 only in streams. */
  readonly offset: number;
  readonly text: string;
}

export interface WebhookRequest {
  readonly on: 'request' | 'answer';
  readonly guardrail: string;
  readonly call: WebhookRequestCall;
  readonly texts: readonly WebhookRequestText[];
}

/** Returns the body in the form of Standard Webhooks ("Payload structure"). `at`: Unix milliseconds. */
export const buildWebhookRequestBody = ({ on, guardrail, call, texts }: WebhookRequest, at: number): string =>
  JSON.stringify({
    type: `guardrail.${on}`,
    timestamp: new Date(at).toISOString(),
    data: { guardrail, ...call, texts },
  });
