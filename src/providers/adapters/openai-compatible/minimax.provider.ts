import { createOpenAiCompatible } from './adapter.js';
import { COMPATIBILITY } from './vendor-compatibility.js';

/** MiniMax returns errors with status 200 and a `base_resp`. */
export const minimax = createOpenAiCompatible({
  id: 'minimax',
  displayName: 'MiniMax',
  baseUrl: 'https://api.minimax.io/v1',
  priceProviderId: 'minimax',
  compatibility: COMPATIBILITY.minimax,
  // platform.minimax.io/docs/guides/text-m2-function-call
  replay: { anyDetails: true },
});
