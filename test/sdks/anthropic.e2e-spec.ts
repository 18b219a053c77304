/**
 * Promise: Anthropic's own SDK works against the gateway on the wire of 2026-10-21, where a key is sent as a bearer.
 */
import Anthropic from '@anthropic-ai/sdk';
import { describeAnthropicSdk } from './anthropic.suite.js';

describeAnthropicSdk({
  Sdk: Anthropic,
  version: '2026-10-21',
  keyHeader: 'authorization',
  model: 'claude-opus-5-5',
  whole: 'chat-2026.json',
  text: 'Servus!',
  streamed: 'chat-stream-2026.sse',
  streamedText: 'Servus!',
  more: { thinking: { type: 'adaptive' } },
});
