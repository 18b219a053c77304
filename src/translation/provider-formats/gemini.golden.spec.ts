import { describeGolden } from '../../../test/support/translation/golden.js';
import { geminiTranslator } from './gemini.translator.js';

describeGolden('gemini', geminiTranslator);
