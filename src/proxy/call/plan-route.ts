import type { LlmCall } from './llm-call.js';
import type { GatewayResponse, Route } from './target.js';

/** Finds the targets of a call. The caller has already entered the call's LLM proxy. Throws GatewayError. */
export type PlanRoute = (call: LlmCall, body: Buffer) => Promise<Route | GatewayResponse>;
