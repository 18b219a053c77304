import { bytesOf } from '../../../test/support/providers/bedrock-event-stream.js';
import { describeGolden } from '../../../test/support/translation/golden.js';
import { bedrockTranslator } from './bedrock.translator.js';

describeGolden('bedrock', bedrockTranslator, bytesOf);
