/** Promise: Google's own SDK from 3.0 on, which calls `/v1`, works against the gateway. */
import type { GoogleGenAI } from '@google/genai';
import { ApiError, GoogleGenAI as GoogleGenAI3 } from 'google-genai-3';
import { describeGoogleSdk } from './google-genai.suite.js';

describeGoogleSdk({ Sdk: GoogleGenAI3 as unknown as typeof GoogleGenAI, ApiError, version: 'v1' });
