import { describeGolden } from '../../../test/support/translation/golden.js';
import { cohereTranslator } from './cohere.translator.js';

describeGolden('cohere', cohereTranslator);
