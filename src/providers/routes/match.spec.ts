import { findProvider, PROVIDERS } from '../registry.js';
import { findRoute } from './match.js';

function route(provider: string, method: string, path: string): [string, string, string | null] {
  const adapter = findProvider(provider)!;
  const { rule, pathModel } = findRoute(adapter, method, adapter.normalizePath(path));
  return [rule.class, rule.operation, pathModel];
}

describe('the route table', () => {
  it.each([
    ['openai', 'POST', 'chat/completions', 'inference', 'chat', null],
    ['openai', 'POST', 'v1/chat/completions', 'inference', 'chat', null],
    ['openai', 'POST', 'chat/completions?x=1', 'inference', 'chat', null],
    ['openai', 'POST', 'responses', 'inference', 'chat', null],
    ['openai', 'POST', 'responses/compact', 'inference', 'chat', null],
    ['openai', 'POST', 'responses/input_tokens', 'token_counting', 'count_tokens', null],
    ['openai', 'GET', 'responses/resp_1', 'responses_state', 'responses_state', null],
    ['openai', 'POST', 'responses/resp_1/cancel', 'responses_state', 'responses_state', null],
    ['openai', 'GET', 'chat/completions', 'responses_state', 'responses_state', null],
    ['openai', 'POST', 'embeddings', 'inference', 'embeddings', null],
    ['openai', 'POST', 'moderations', 'inference', 'moderations', null],
    ['openai', 'GET', 'models', 'model_listing', 'list_models', null],
    ['openai', 'GET', 'models/gpt-5.4', 'model_listing', 'list_models', 'gpt-5.4'],
    ['openai', 'DELETE', 'models/ft:gpt-4o:x', 'fine_tuning', 'fine_tuning', null],
    ['openai', 'POST', 'files', 'files', 'files', null],
    ['openai', 'GET', 'files/file-1/content', 'files', 'files', null],
    ['openai', 'POST', 'batches', 'batches', 'batches', null],
    ['openai', 'POST', 'images/generations', 'images', 'images', null],
    ['openai', 'POST', 'audio/speech', 'audio', 'audio', null],
    ['openai', 'POST', 'fine_tuning/jobs', 'fine_tuning', 'fine_tuning', null],
    ['openai', 'POST', 'vector_stores', 'vector_stores', 'vector_stores', null],
    ['openai', 'POST', 'threads/t/runs', 'assistants', 'assistants', null],
    ['openai', 'GET', 'organization/admin_api_keys', 'administration', 'administration', null],
    ['openai', 'POST', 'videos', 'other', 'other', null],
    ['openai', 'POST', 'Chat/Completions', 'other', 'other', null],
    ['anthropic', 'POST', 'v1/messages?beta=true', 'inference', 'chat', null],
    ['anthropic', 'POST', 'v1/v1/messages', 'inference', 'chat', null],
    ['anthropic', 'POST', 'v1/messages/count_tokens', 'token_counting', 'count_tokens', null],
    ['anthropic', 'POST', 'v1/messages/batches', 'batches', 'batches', null],
    ['anthropic', 'GET', 'v1/models', 'model_listing', 'list_models', null],
    ['anthropic', 'GET', 'v1/organizations/api_keys', 'administration', 'administration', null],
    [
      'gemini',
      'POST',
      'v1beta/models/gemini-2.5-flash:generateContent',
      'inference',
      'generate_content',
      'gemini-2.5-flash',
    ],
    [
      'gemini',
      'POST',
      'v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      'inference',
      'generate_content',
      'gemini-2.5-flash',
    ],
    [
      'gemini',
      'POST',
      'v1beta/tunedModels/mine-1:generateContent',
      'inference',
      'generate_content',
      'tunedModels/mine-1',
    ],
    [
      'gemini',
      'POST',
      'v1beta/models/gemini-embedding-001:batchEmbedContents',
      'inference',
      'embeddings',
      'gemini-embedding-001',
    ],
    ['gemini', 'POST', 'v1beta/models/m:countTokens', 'token_counting', 'count_tokens', 'm'],
    ['gemini', 'POST', 'v1beta/models/m:batchGenerateContent', 'batches', 'batches', null],
    ['gemini', 'GET', 'v1beta/models?pageSize=50', 'model_listing', 'list_models', null],
    ['gemini', 'POST', 'upload/v1beta/files', 'files', 'files', null],
    ['gemini', 'DELETE', 'v1beta/tunedModels/mine-1', 'fine_tuning', 'fine_tuning', null],
    ['gemini', 'POST', 'v1alpha/models/m:generateContent', 'other', 'other', null],
    ['cohere', 'POST', 'v2/chat', 'inference', 'chat', null],
    ['cohere', 'POST', 'chat', 'inference', 'chat', null],
    ['cohere', 'POST', 'v1/chat', 'inference', 'chat', null],
    ['cohere', 'POST', 'v1/embed', 'inference', 'embeddings', null],
    ['cohere', 'POST', 'v1/rerank', 'inference', 'rerank', null],
    ['cohere', 'POST', 'v1/tokenize', 'token_counting', 'count_tokens', null],
    ['cohere', 'POST', 'v1/generate', 'other', 'other', null],
    ['cohere', 'POST', 'v1/embed-jobs', 'batches', 'batches', null],
    ['ollama', 'POST', 'chat/completions', 'inference', 'chat', null],
    ['ollama', 'POST', 'v1/chat/completions', 'inference', 'chat', null],
    ['ollama', 'GET', 'models/llama3.2:3b', 'model_listing', 'list_models', 'llama3.2:3b'],
    ['ollama', 'POST', 'api/chat', 'inference', 'chat', null],
    ['ollama', 'POST', 'api/generate', 'inference', 'text_completion', null],
    ['ollama', 'POST', 'api/embed', 'inference', 'embeddings', null],
    ['ollama', 'POST', 'api/embeddings', 'inference', 'embeddings', null],
    ['ollama', 'GET', 'api/tags', 'model_listing', 'list_models', null],
    ['ollama', 'POST', 'api/show', 'model_listing', 'show_model', null],
    ['ollama', 'GET', 'api/version', 'model_listing', 'show_version', null],
    ['ollama', 'POST', 'api/pull', 'administration', 'administration', null],
    ['ollama', 'DELETE', 'api/delete', 'administration', 'administration', null],
    ['ollama', 'GET', 'api/chat', 'administration', 'administration', null],
    ['ollama', 'POST', 'API/chat', 'other', 'other', null],
    ['ollama', 'POST', 'v1/api/chat', 'other', 'other', null],
    ['cohere', 'POST', 'v2/rerank', 'inference', 'rerank', null],
    ['bedrock', 'POST', 'model/us.amazon.nova-pro-v1%3A0/converse', 'inference', 'chat', 'us.amazon.nova-pro-v1:0'],
    [
      'bedrock',
      'POST',
      'model/us.amazon.nova-pro-v1:0/converse-stream',
      'inference',
      'chat',
      'us.amazon.nova-pro-v1:0',
    ],
    [
      'bedrock',
      'POST',
      'model/amazon.titan-text-express-v1/invoke',
      'inference',
      'generate_content',
      'amazon.titan-text-express-v1',
    ],
    ['bedrock', 'POST', 'model/m/invoke-with-response-stream', 'inference', 'generate_content', 'm'],
    ['bedrock', 'POST', 'model/m/count-tokens', 'token_counting', 'count_tokens', 'm'],
    [
      'bedrock',
      'POST',
      'model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-pro-v1%3A0/converse',
      'inference',
      'chat',
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0',
    ],
    ['bedrock', 'POST', 'model/m%2Finvoke/converse', 'administration', 'ambiguous_path', null],
    ['bedrock', 'POST', 'model/m/other', 'administration', 'administration', null],
    ['bedrock', 'GET', 'foundation-models?byProvider=amazon', 'model_listing', 'list_models', null],
    ['bedrock', 'GET', 'inference-profiles', 'model_listing', 'list_models', null],
    ['bedrock', 'POST', 'guardrail/g/version/1/apply', 'administration', 'administration', null],
    ['azure', 'POST', 'chat/completions', 'inference', 'chat', null],
    ['azure', 'POST', 'openai/v1/responses', 'inference', 'chat', null],
    ['azure', 'POST', 'openai/responses', 'inference', 'chat', null],
    ['azure', 'POST', 'openai/chat/completions', 'inference', 'chat', null],
    ['azure', 'POST', 'openai/embeddings?api-version=v1', 'inference', 'embeddings', null],
    ['azure', 'GET', 'openai/chat/completions', 'responses_state', 'responses_state', null],
    ['azure', 'POST', 'openai/deployments/prod%20gpt/chat/completions?api-version=1', 'inference', 'chat', 'prod gpt'],
    ['azure', 'POST', 'openai/deployments/prod/images/generations', 'images', 'images', null],
    ['azure', 'GET', 'openai/v1/files/f', 'files', 'files', null],
    ['groq', 'POST', 'openai/v1/chat/completions', 'inference', 'chat', null],
    ['groq', 'GET', 'openai/v1/models', 'model_listing', 'list_models', null],
    ['mistral', 'POST', 'v1/fim/completions', 'inference', 'text_completion', null],
    [
      'openrouter',
      'GET',
      'models/openai/gpt-5.4/endpoints',
      'model_listing',
      'list_models',
      'openai/gpt-5.4/endpoints',
    ],
    ['openrouter', 'POST', 'keys', 'administration', 'administration', null],
    ['together', 'GET', 'models/meta-llama%2FLlama-3', 'model_listing', 'list_models', 'meta-llama/Llama-3'],
  ])('the route of %s %s %s is %s', (provider, method, path, ...expected) => {
    expect(route(provider, method, path)).toEqual(expected);
  });
});

describe('ambiguous paths', () => {
  it.each([
    'chat/completions/',
    '/chat/completions',
    'chat//completions',
    'chat/./completions',
    'chat/completions/../../organization',
    'models/..',
    'models/%2e%2e/organization',
    'models/..%2forganization',
    'models/x%2F..%2F..%2Forganization',
    'models/x%2F%2e%2E',
    'models/x%5c..',
    'models\\..\\files',
    'chat%2Fcompletions',
    'chat%2fcompletions',
    'ch%61t/completions',
    '%6frganization/users',
    'models/a%252fb',
    'models/a%zz',
    'models/a%00',
    'models/a%3Fb',
    'models;x=1',
    'models/a b',
    'models/é',
    'models#x',
    'files/%20',
    '',
  ])('the ambiguous path %j has the class administration', (path) => {
    for (const method of ['GET', 'POST']) {
      const { rule, pathModel } = findRoute(findProvider('openai')!, method, path);
      expect([rule.class, rule.metered, pathModel]).toEqual(['administration', false, null]);
    }
  });

  it.each([
    'v1beta/models/a%2F..%2Ffiles:generateContent',
    'v1beta/models/a%2Fb:generateContent',
    'v1beta/models/a/b:generateContent',
  ])('the Gemini path %s is not an inference', (path) => {
    expect(['administration', 'other']).toContain(route('gemini', 'POST', path)[0]);
  });
});

describe('routes of every provider', () => {
  it.each(PROVIDERS.map((adapter) => [adapter.id, adapter] as const))(
    'the provider %s has routes for a model list and inference',
    (_id, adapter) => {
      expect(adapter.routes.some((rule) => rule.class === 'inference' && rule.method === 'POST')).toBe(true);
      expect(adapter.routes.some((rule) => rule.class === 'model_listing')).toBe(true);
      for (const rule of adapter.routes) {
        const open = ['inference', 'token_counting', 'model_listing'].includes(rule.class);
        if (open) expect(rule.method).not.toBe('*');
        expect(rule.path.source).toMatch(/^\^/);
        expect(rule.path.flags).toBe('');
      }
    },
  );

  it('an empty or dotted path has the class administration on every provider', () => {
    for (const adapter of PROVIDERS) {
      for (const path of ['', '/', '.', '..'])
        expect(findRoute(adapter, 'POST', path).rule.class).toBe('administration');
    }
  });
});
