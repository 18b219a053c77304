/** Promise: a Responses request reaches the pivot whole, and the client receives responses in OpenAI's own form. */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import {
  completionOf,
  CONTEXT,
  eventsOf,
  responsesCases,
  streamedText,
} from '../../../test/support/translation/responses-golden.js';
import type { JsonObject } from '../pivot/chat.js';
import { createResponsesFormat } from './responses.client-format.js';

const cases = responsesCases();

it('the golden cases number at least sixteen', () => {
  expect(cases.length).toBeGreaterThanOrEqual(16);
});

describe.each(cases)('responses/%s', (file, { body, chat, dropped = [], refused = [], answer, stream }) => {
  if (chat)
    it(`${file}: the request translates to Chat`, () => {
      const front = createResponsesFormat(structuredClone(body), CONTEXT);
      expect(JSON.parse(JSON.stringify(front.chat))).toEqual(chat);
      expect([...front.dropped].sort()).toEqual([...dropped].sort());
    });

  for (const { with: members, code, says } of refused)
    it(`${file}: the request is refused with a reason: ${JSON.stringify(members)}`, () => {
      const error = refusalOf({ ...body, ...members });
      expect(error.message).toContain(says);
      expect(error.code).toBe(code);
    });

  if (answer)
    it(`${file}: the completion translates to a response`, () => {
      const told = createResponsesFormat(structuredClone(body), CONTEXT).renderResponse(completionOf(answer.chat));
      expect(JSON.parse(told)).toEqual(answer.response);
    });

  if (stream)
    it(`${file}: the chunks translate to Responses events`, () => {
      const front = createResponsesFormat(structuredClone(body), CONTEXT);
      expect(eventsOf(streamedText(front, stream.chunks, stream.error))).toEqual(stream.events);
    });
});

it("an error has OpenAI's form", () => {
  const front = createResponsesFormat({ model: 'm', input: 'Hi' }, CONTEXT);
  const error = { message: 'Slow down.', type: 'rate_limit_error', param: null, code: 'rate_limited' };
  expect(JSON.parse(front.renderError(error, 429, 'r1'))).toEqual({ error });
});

function refusalOf(body: JsonObject): GatewayError {
  try {
    createResponsesFormat(body, CONTEXT);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('not refused');
}
