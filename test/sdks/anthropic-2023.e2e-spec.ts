/**
 * Promise: Anthropic's own SDK before 1.0 works against the gateway on the wire of 2023-06-01, its key in `x-api-key`.
 */
import type Anthropic from '@anthropic-ai/sdk';
import Anthropic2023 from 'anthropic-sdk-2023';
import { describeAnthropicSdk } from './anthropic.suite.js';

describeAnthropicSdk({
  Sdk: Anthropic2023 as unknown as typeof Anthropic,
  version: '2023-06-01',
  keyHeader: 'x-api-key',
  model: 'claude-sonnet-4-5-20250929',
  whole: 'chat.json',
  text: 'Grüß Gott! {"usage":{"input_tokens":9}}',
  streamed: 'chat-stream.sse',
  streamedText: 'Grüß Gott! \\"usage\\": { 👋',
  more: { temperature: 0.5 },
});
