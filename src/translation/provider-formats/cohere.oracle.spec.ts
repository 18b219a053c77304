/**
 * Promise: for the golden cases the translator agrees with the AI SDK's Cohere package, except for explained, intended
 * differences.
 */
import { createCohere } from '@ai-sdk/cohere';
import { cohereDifferences as known } from '../../../test/support/translation/differences/cohere.js';
import { goldenCases, streamed, type GoldenCase } from '../../../test/support/translation/golden.js';
import {
  callOptions,
  differences,
  recordingFetch,
  readChunks,
  readCompletion,
  readResult,
  readStream,
  unexplained,
} from '../../../test/support/translation/oracle.js';
import { cohereTranslator } from './cohere.translator.js';

const ANSWER = {
  id: 'x',
  message: { role: 'assistant', content: [] },
  finish_reason: 'COMPLETE',
  usage: { tokens: { input_tokens: 1, output_tokens: 1 } },
};

const isUnread = (file: string, kind: 'whole responses' | 'streams'): boolean =>
  known.unreadByThem[file]?.startsWith(kind) ?? false;

const cases = goldenCases('cohere');

const modelFor = (golden: GoldenCase, answer: string | Uint8Array, contentType: string) => {
  const { fetch, sent } = recordingFetch(answer, contentType);
  return { model: createCohere({ apiKey: 'k', fetch })(golden.model), sent };
};

const optionsFor = ({ chat, request }: GoldenCase) => {
  const thinking = request?.body['thinking'] as { type: 'enabled' | 'disabled'; token_budget?: number } | undefined;
  if (!thinking) return callOptions(chat!);
  const { type, token_budget: tokenBudget } = thinking;
  return callOptions(chat!, { call: { cohere: { thinking: { type, ...(tokenBudget && { tokenBudget }) } } } });
};

const contextOf = ({ model }: GoldenCase, streaming: boolean) => ({ model, id: 'chatcmpl-1', created: 1, streaming });

describe.each(cases.filter(([file, { request }]) => request && !(file in known.refusedByThem)))(
  'the request cohere/%s',
  (file, golden) => {
    it(`cohere/${file}: the request equals that of the AI SDK`, async () => {
      const { model, sent } = modelFor(golden, JSON.stringify(ANSWER), 'application/json');
      await model.doGenerate(optionsFor(golden));
      const { path, body } = cohereTranslator.translateRequest(golden.chat!, contextOf(golden, false));
      expect(sent[0]!.url).toBe(`https://api.cohere.com/${path}`);
      expect(unexplained(differences(JSON.parse(JSON.stringify(body)), sent[0]!.body), known.requests)).toEqual([]);
    });
  },
);

describe.each(cases.filter(([file, { answer }]) => answer && !isUnread(file, 'whole responses')))(
  'the response cohere/%s',
  (file, golden) => {
    it(`cohere/${file}: the whole response converts to the same result as in the AI SDK`, async () => {
      const bytes = Buffer.from(JSON.stringify(golden.answer!.vendor));
      const { model } = modelFor(golden, bytes, 'application/json');
      const ours = readCompletion(cohereTranslator.translateResponse(bytes, contextOf(golden, false)));
      const theirs = readResult(await model.doGenerate(optionsFor(golden)));
      expect(unexplained(differences(ours, theirs), known.answers)).toEqual([]);
    });
  },
);

describe.each(cases.filter(([file, { stream }]) => stream && !stream.isCut && !isUnread(file, 'streams')))(
  'the stream cohere/%s',
  (file, golden) => {
    it(`cohere/${file}: the stream converts to the same result as in the AI SDK`, async () => {
      const bytes = Buffer.from((golden.stream!.vendor as string[]).join(''));
      const { model } = modelFor(golden, bytes, 'text/event-stream');
      const ours = readChunks(streamed(cohereTranslator, contextOf(golden, true), [bytes]).chunks);
      const theirs = await readStream((await model.doStream(optionsFor(golden))).stream);
      expect(unexplained(differences(ours, theirs), known.answers)).toEqual([]);
    });
  },
);
