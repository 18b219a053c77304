import { createOpenAiCompatible } from './adapter.js';
import { defineClosed } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Perplexity has no version in its paths and no list of models; every chunk of a stream states the usage so far. */
export const perplexity = createOpenAiCompatible({
  id: 'perplexity',
  displayName: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  priceProviderId: 'perplexity',
  compatibility: COMPATIBILITY.perplexity,
  testPath: 'async/chat/completions',
  modelListPath: null,
  routes: [
    defineClosed('batches', 'async'),
    defineClosed('administration', 'generate_auth_token', 'revoke_auth_token'),
  ],
});
