/** Promise: Google's own SDK in its line for Node 20, which calls `/v1beta`, works against the gateway. */
import { ApiError, GoogleGenAI } from '@google/genai';
import { describeGoogleSdk } from './google-genai.suite.js';

describeGoogleSdk({ Sdk: GoogleGenAI, ApiError, version: 'v1beta' });
