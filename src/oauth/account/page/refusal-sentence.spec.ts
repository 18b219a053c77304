import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { describeRefusal } from './refusal-sentence.js';

const refused = (...fields: [string, string][]): string =>
  describeRefusal(
    new GatewayError('validation_failed', 'for programs', {
      fields: fields.map(([pointer, detail]) => ({ pointer, detail })),
    }),
  );

describe('the sentence about a refusal', () => {
  it('is the error’s own where no field is to blame', () => {
    expect(describeRefusal(new GatewayError('permission_denied', 'Your role does not permit this.'))).toBe(
      'Your role does not permit this.',
    );
  });

  it('names fields as the form does, each once', () => {
    expect(
      refused(
        ['/name', 'name must be longer than or equal to 1 characters'],
        ['/apiKey', 'apiKey must consist of visible ASCII characters. Check it.'],
        ['/apiKey', 'apiKey must be longer than or equal to 1 characters'],
      ),
    ).toBe('Give the key a name of 1 to 200 characters. The key must consist of visible ASCII characters. Check it.');
  });

  it('ends as a sentence does', () => {
    expect(refused(['/name', 'name must hold printable text alone'])).toBe('The name must hold printable text alone.');
  });
});
