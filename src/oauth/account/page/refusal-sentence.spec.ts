import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { describeRefusal } from './refusal-sentence.js';

const describeFields = (...fields: [string, string][]): string =>
  describeRefusal(
    new GatewayError('validation_failed', 'for programs', {
      fields: fields.map(([pointer, detail]) => ({ pointer, detail })),
    }),
  );

describe('refusal sentences of the account pages', () => {
  it('a refusal without fields keeps its own sentence', () => {
    expect(describeRefusal(new GatewayError('permission_denied', 'Your role does not permit this.'))).toBe(
      'Your role does not permit this.',
    );
  });

  it('a refusal with fields names each field once, as the form does', () => {
    expect(
      describeFields(
        ['/name', 'name must be longer than or equal to 1 characters'],
        ['/apiKey', 'apiKey must consist of visible ASCII characters. Check it.'],
        ['/apiKey', 'apiKey must be longer than or equal to 1 characters'],
      ),
    ).toBe('Give the key a name of 1 to 200 characters. The key must consist of visible ASCII characters. Check it.');
  });

  it('a refusal about a field ends with a period', () => {
    expect(describeFields(['/name', 'name must hold printable text alone'])).toBe(
      'The name must hold printable text alone.',
    );
  });
});
