import { openAiCompatible } from './adapter.js';
import { closed } from '../../routes/rules.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** Perplexity has no version in its paths and no list of models; every chunk of a stream states the usage so far. */
export const perplexity = openAiCompatible({
  id: 'perplexity',
  displayName: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  priceProviderId: 'perplexity',
  compatibility: COMPATIBILITY.perplexity,
  testPath: 'async/chat/completions',
  modelListPath: null,
  routes: [closed('batches', 'async'), closed('administration', 'generate_auth_token', 'revoke_auth_token')],
});
