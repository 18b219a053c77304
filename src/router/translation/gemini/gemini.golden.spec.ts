import { describeGolden } from '../../../../test/support/golden.js';
import { geminiTranslator } from './gemini.translator.js';

describeGolden('gemini', geminiTranslator);
