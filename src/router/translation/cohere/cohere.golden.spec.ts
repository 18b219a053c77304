import { describeGolden } from '../../../../test/support/golden.js';
import { cohereTranslator } from './cohere.translator.js';

describeGolden('cohere', cohereTranslator);
