/** Promise: Anthropic's own SDK before 1.0 reaches every model through the Model Router, on the wire of 2023-06-01. */
import type Anthropic from '@anthropic-ai/sdk';
import Anthropic2023 from 'anthropic-sdk-2023';
import { describeAnthropicSdkOnRouter } from './router-anthropic.suite.js';

describeAnthropicSdkOnRouter(Anthropic2023 as unknown as typeof Anthropic);
