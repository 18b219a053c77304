/** Promise: Anthropic's own SDK reaches every model through the Model Router, on the wire of 2026-10-21. */
import Anthropic from '@anthropic-ai/sdk';
import { describeAnthropicSdkOnRouter } from './router-anthropic.suite.js';

describeAnthropicSdkOnRouter(Anthropic);
