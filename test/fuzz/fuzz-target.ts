/** The built gateway as a process of its own, with vendors and everything that valid calls need. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeProvider, json, type Responder } from '../support/providers/fake-provider.js';
import { AdminClient } from '../support/http/admin-client.js';
import { BuiltApp, deployedOn } from '../support/gateway/built-app.js';
import { copyMigratedDatabase, testDatabase } from '../support/gateway/databases.js';
import { replay, wire } from '../support/providers/recorded-responses.js';
import type { OAuthFuzzClient } from './protocol-steps.js';
import type { Step, StepResponse } from './steps.js';

/** No step of the suite takes long, except on a busy machine. */
const MOST_MS = 30_000;
const REDIRECT_URI = 'https://app.example/callback';
const VENDORS = ['openai', 'groq', 'mistral', 'anthropic', 'gemini', 'cohere', 'bedrock'] as const;

export class FuzzTarget {
  private constructor(
    readonly app: BuiltApp,
    readonly adminKey: string,
    readonly virtualKey: string,
    readonly oauthClient: OAuthFuzzClient,
    /** None of these may appear in a response or in the log. */
    readonly secrets: readonly string[],
    private readonly release: () => Promise<void>,
  ) {}

  static async start(): Promise<FuzzTarget> {
    const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'));
    const database = await testDatabase();
    if (!database.url) copyMigratedDatabase(dataDir);
    const fake = await FakeProvider.start();
    answerAll(fake);
    const adminKey = `arch_api_${randomBytes(32).toString('base64url')}`;
    const app = await BuiltApp.start({
      DATA_DIR: dataDir,
      ...deployedOn(database, dataDir),
      BOOTSTRAP_API_KEY: adminKey,
      LOG_LEVEL: 'debug',
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      TRUSTED_PROXIES: '127.0.0.1/32',
      FAILED_CREDENTIALS_PER_MINUTE: '1000000',
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      LLM_GROQ_BASE_URL: `${fake.url}/v1`,
      LLM_MISTRAL_BASE_URL: `${fake.url}/v1`,
      LLM_ANTHROPIC_BASE_URL: fake.url,
      LLM_GEMINI_BASE_URL: fake.url,
      LLM_COHERE_BASE_URL: fake.url,
      LLM_BEDROCK_BASE_URL: fake.url,
    });
    const admin = new AdminClient(app.url, adminKey);
    const stored = VENDORS.map((vendor) => `sk-stored-${vendor}-${randomBytes(12).toString('hex')}`);
    const providerApiKeys: { provider: string; providerApiKeyId: string }[] = [];
    for (const [i, provider] of VENDORS.entries()) {
      const key = await admin.create('/api/llm-provider-api-keys', {
        name: provider,
        provider,
        apiKey: stored[i],
        scope: 'org',
      });
      providerApiKeys.push({ provider, providerApiKeyId: key.id as string });
    }
    const virtualKey = (await admin.create('/api/llm-virtual-keys', { name: 'fuzz', providerApiKeys })).value as string;
    const registered = await admin.create('/api/llm-oauth-clients', {
      ...{ name: 'fuzz', grantType: 'client_credentials', providerApiKeys },
    });
    const oauthClient = {
      clientId: registered.clientId as string,
      clientSecret: registered.clientSecret as string,
      redirectUri: REDIRECT_URI,
    };
    const secrets = [adminKey, virtualKey, oauthClient.clientSecret, ...stored];
    return new FuzzTarget(app, adminKey, virtualKey, oauthClient, secrets, async () => {
      await app.stop();
      await fake.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    });
  }

  /** Rejects when the response is incomplete or late, as after the death of the process. */
  async send({ method, path, headers, body }: Step, address: string): Promise<StepResponse> {
    const response = await fetch(this.app.url.replace('localhost', '127.0.0.1') + path, {
      method,
      headers: { ...headers, 'x-forwarded-for': address },
      redirect: 'manual',
      signal: AbortSignal.timeout(MOST_MS),
      ...(body === undefined || method === 'GET' ? {} : { body: Buffer.from(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Returns what is wrong with the process; null: nothing. */
  async faultOfProcess(): Promise<string | null> {
    if (this.app.exitCode !== null)
      return `the process ended with ${this.app.exitCode}: ${this.app.stderr.slice(-2_000)}`;
    const admin = new AdminClient(this.app.url, this.adminKey);
    const { status } = await admin.get('/api/me');
    if (status !== 200) return `GET /api/me is ${status}`;
    const ready = await fetch(`${this.app.url}/readyz`);
    if (ready.status !== 200) return `GET /readyz is ${ready.status}: ${await ready.text()}`;
    const log = this.app.stdout + this.app.stderr;
    if (this.secrets.some((secret) => printedLater(log, secret))) return 'the log contains a secret';
    return null;
  }

  /** Removes created resources that would cause refusals of later calls: limits, aliases, identity providers. */
  async removeMade(step: Step, { status, text }: StepResponse): Promise<void> {
    if (step.method !== 'POST' || status !== 201 || !step.path.startsWith('/api/')) return;
    const { id } = JSON.parse(text) as { id?: unknown };
    if (typeof id === 'string') await new AdminClient(this.app.url, this.adminKey).delete(`${step.path}/${id}`);
  }

  stop(): Promise<void> {
    return this.release();
  }
}

/** The banner of a first start shows what it created; lines of the log are JSON. */
const printedLater = (log: string, secret: string): boolean =>
  log.split('\n').some((line) => line.startsWith('{') && line.includes(secret));

const isStream = (body: Buffer): boolean => {
  try {
    return (JSON.parse(body.toString()) as { stream?: unknown }).stream === true;
  } catch {
    return false;
  }
};
const wholeOrStream =
  (vendor: string): Responder =>
  (request, response) =>
    replay(vendor, isStream(request.body) ? 'chat-stream.sse' : 'chat.json')(request, response);

function answerAll(fake: FakeProvider): void {
  fake.on('POST', '/v1/chat/completions', wholeOrStream('openai'));
  fake.on('POST', '/v1/responses', json(200, wire('openai', 'responses.json')));
  fake.on('POST', '/v1/embeddings', json(200, wire('openai', 'embeddings.json')));
  fake.on('POST', '/v1/messages', wholeOrStream('anthropic'));
  fake.on('POST', '/v2/chat', wholeOrStream('cohere'));
  fake.on('POST', '/v2/embed', json(200, wire('cohere', 'embeddings.json')));
  fake.on('POST', /:generateContent$/, json(200, wire('gemini', 'chat.json')));
  fake.on('POST', /:streamGenerateContent$/, replay('gemini', 'chat-stream.sse'));
  fake.on('POST', /:(?:batchE|e)mbedContents?$/, json(200, wire('gemini', 'embeddings-batch.json')));
  fake.on('POST', /\/converse$/, json(200, wire('bedrock', 'converse.json')));
}
