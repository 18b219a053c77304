/** What a webhook guardrail is asked. Pure. */

/** The call that it is about; ids alone. */
export interface AskedCall {
  readonly interactionId: string;
  readonly organizationId: string;
  readonly proxyId: string;
  /** Null: the Model Router has not chosen yet. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly who: {
    readonly virtualKeyId: string | null;
    readonly oauthClientId: string | null;
    readonly userId: string | null;
  };
}

export interface AskedText {
  /** Names the text in the question and in what is answered. */
  readonly pointer: string;
  /** Characters of it that were shown before: above 0 in streams alone. */
  readonly offset: number;
  readonly text: string;
}

export interface Question {
  readonly on: 'request' | 'answer';
  readonly guardrail: string;
  readonly call: AskedCall;
  readonly texts: readonly AskedText[];
}

/** The body in the form of Standard Webhooks ("Payload structure"). `at`: Unix milliseconds. */
export const questionBody = ({ on, guardrail, call, texts }: Question, at: number): string =>
  JSON.stringify({
    type: `guardrail.${on}`,
    timestamp: new Date(at).toISOString(),
    data: { guardrail, ...call, texts },
  });
