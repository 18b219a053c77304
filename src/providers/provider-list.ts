/** Every provider there is, one line each. A new one is its file and its line here. */
export { openai } from './openai.provider.js';
export { anthropic } from './anthropic.provider.js';
