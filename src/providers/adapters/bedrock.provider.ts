import type { Secret } from '../../platform/crypto/secret.js';
import {
  type AwsAccessKey,
  readAwsAccessKey,
  readAwsSecretEnding,
  findAwsSecretProblem,
} from '../credentials/aws-access-key.js';
import { dropSignature, signAws } from '../credentials/aws-signature.js';
import type { ProviderAdapter, RouteRule, UpstreamRequest } from '../contract/provider-adapter.js';
import { defineClosed, defineInference, defineModelListing, defineTokenCounting } from '../routes/rules.js';

/** Colon, also escaped as AWS's SDKs do it. */
const COLON = '(?::|%3[Aa])';
const PLAIN_ID = `(?:[A-Za-z0-9._-]|${COLON})+`;
/** `arn:aws:bedrock:<region>:<account>:<kind>/<id>` with the slash escaped. */
const ARN = `arn${COLON}aws[a-z-]*${COLON}(?:bedrock|sagemaker)${COLON}[a-z0-9-]*${COLON}\\d*${COLON}[a-z-]+%2[Ff]${PLAIN_ID}`;
const MODEL = `^model/(?<model>${ARN}|${PLAIN_ID})/`;

const buildModelPattern = (verb: string): RegExp => new RegExp(`${MODEL}${verb}$`);
/** AWS matches paths before it decodes them, so the slash of an ARN does not end a segment. */
const allowSlashInModel = (rule: RouteRule): RouteRule => ({ ...rule, slashInModel: true });

/** AWS's own hosts: the runtime and, for listing models, the control plane. */
const AWS_HOST = /^bedrock(-runtime)?(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?|api\.aws)$/;
const ENDPOINT_HOST = /\.bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.vpce\.amazonaws\.com$/;
const CONTROL_PLANE = /\/(?:foundation-models|inference-profiles)(?:[/?]|$)/;
const DEFAULT_REGION = 'us-east-1';

/**
 * Amazon Bedrock. The region is that of the key's baseUrl (`https://bedrock-runtime.<region>.amazonaws.com`), or of an
 * access key that names one: AWS's own address is then changed to that region. The control plane, a different host,
 * lists the models.
 */
export const bedrock: ProviderAdapter = {
  id: 'bedrock',
  displayName: 'Amazon Bedrock',
  semanticName: 'aws.bedrock',
  dialect: 'bedrock',
  baseUrl: `https://bedrock-runtime.${DEFAULT_REGION}.amazonaws.com`,
  keyOptional: false,
  takesStreamOptions: false,
  priceProviderId: 'aws',
  testPath: 'foundation-models',
  routes: [
    ...[
      defineInference(buildModelPattern('converse(?:-stream)?'), 'chat'),
      // The model defines the content of the body: text, embeddings, images.
      defineInference(buildModelPattern('invoke(?:-with-response-stream)?'), 'generate_content'),
      defineTokenCounting(buildModelPattern('count-tokens')),
    ].map(allowSlashInModel),
    defineModelListing(/^foundation-models$/),
    defineModelListing(/^foundation-models\/(?<model>[^/]+)$/),
    defineModelListing(/^inference-profiles$/),
    defineModelListing(/^inference-profiles\/(?<model>[^/]+)$/),
    defineClosed('batches', 'async-invoke', 'model-invocation-jobs?'),
    defineClosed('administration', 'model', 'guardrails?', 'logging'),
  ],
  normalizePath: (path) => path,
  findSecretProblem: findAwsSecretProblem,
  readLast4: readAwsSecretEnding,
  authorize(request: UpstreamRequest, secret: Secret): void | Promise<void> {
    const accessKey = readAwsAccessKey(secret);
    const region = resolveHost(request, accessKey);
    if (accessKey) return signAws(request, accessKey, { service: 'bedrock', region, at: new Date() });
    dropSignature(request);
    request.headers.push('authorization', `Bearer ${secret.expose()}`);
  },
};

/** Sets the AWS host of the request and returns the region that it is signed for. */
function resolveHost(request: UpstreamRequest, accessKey: AwsAccessKey | null): string {
  const { hostname } = new URL(request.origin);
  const [, runtime, fips = '', addressed, domain] = AWS_HOST.exec(hostname) ?? [];
  const region = accessKey?.region ?? addressed ?? ENDPOINT_HOST.exec(hostname)?.[1] ?? DEFAULT_REGION;
  if (domain !== undefined) {
    const host = CONTROL_PLANE.test(request.path) ? 'bedrock' : `bedrock${runtime ?? ''}`;
    request.origin = `https://${host}${fips}.${region}.${domain}`;
  }
  return region;
}
