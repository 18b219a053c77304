/** Translates OpenAI's embeddings for vendors that have their own API for them. */
import { createWrongTypeError } from '../../providers/json/values.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ResponseTranslation, TranslatedStream } from './response-translation.js';
import type { RoutedBody } from './routed-body.js';
import type { EmbeddingsRequest, TranslationContext, Translator } from './translator.js';

/**
 * Reads an embeddings request. Throws `invalid_body` for a body that is not one, and `unsupported_parameter` for tokens
 * instead of texts.
 */
export function readEmbeddings({ bytes }: RoutedBody): EmbeddingsRequest {
  const request = JSON.parse(bytes.toString('utf8')) as EmbeddingsRequest;
  const texts: unknown = request.input;
  const list: unknown[] = Array.isArray(texts) ? texts : [texts];
  if (list.length === 0) throw createWrongTypeError('input', 'a string, or a non-empty array of strings');
  if (list.every((text) => typeof text === 'number' || Array.isArray(text))) {
    throw new GatewayError('unsupported_parameter', 'This model does not accept token arrays. Send `input` as text.');
  }
  if (!list.every((text) => typeof text === 'string'))
    throw createWrongTypeError('input', 'a string, or an array of strings');
  const { encoding_format: format } = request;
  if (format !== undefined && format !== null && format !== 'float' && format !== 'base64')
    throw createWrongTypeError('encoding_format', '"float" or "base64"');
  return request;
}

export class EmbeddingsResponseTranslation implements ResponseTranslation {
  constructor(
    private readonly translator: Translator,
    private readonly request: EmbeddingsRequest,
    private readonly context: TranslationContext,
    readonly headers: readonly string[],
  ) {}

  translateResponse(body: Buffer): string {
    const response = this.translator.embeddings!.translateResponse(body, this.context);
    if (this.request.encoding_format !== 'base64') return JSON.stringify(response);
    const data = response.data.map((each) => ({ ...each, embedding: packFloats(each.embedding) }));
    return JSON.stringify({ ...response, data });
  }

  translateError(status: number, body: Buffer, header: (name: string) => string | undefined): string {
    return JSON.stringify({ error: this.translator.translateError(status, body, header) });
  }

  createStream(): TranslatedStream {
    throw new Error('embeddings are never streamed');
  }
}

/** Packs the numbers as little-endian 32-bit floats, in base64, as OpenAI does. */
function packFloats(numbers: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(numbers.length * 4);
  numbers.forEach((number, i) => bytes.writeFloatLE(number, i * 4));
  return bytes.toString('base64');
}
