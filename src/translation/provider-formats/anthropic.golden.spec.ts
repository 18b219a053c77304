import { describeGolden } from '../../../test/support/translation/golden.js';
import { anthropicTranslator } from './anthropic.translator.js';

describe('Chat through the Messages API', () => {
  describeGolden('anthropic', anthropicTranslator);
});
