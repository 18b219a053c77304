import { bytesOf } from '../../../../test/support/event-stream.js';
import { describeGolden } from '../../../../test/support/golden.js';
import { bedrockTranslator } from './bedrock.translator.js';

describeGolden('bedrock', bedrockTranslator, bytesOf);
