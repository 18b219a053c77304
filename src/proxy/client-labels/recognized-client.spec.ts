import { recognizeClient } from './recognized-client.js';

const of = (userAgent: string, headers: Record<string, string> = {}) => {
  const { name, version } = recognizeClient({ 'user-agent': userAgent, ...headers });
  return [name, version];
};

describe('recognized clients', () => {
  it.each([
    ['claude-cli/2.1.220 (external, cli)', 'claude-code', '2.1.220'],
    ['codex_cli_rs/0.169.0 (Ubuntu 24.4.0; x86_64) xterm-256color', 'codex', '0.169.0'],
    ['codex_vscode/0.98.0', 'codex', '0.98.0'],
    ['opencode/1.18.33 ai-sdk/provider-utils/4.0.66 runtime/bun/1.3.0', 'opencode', '1.18.33'],
    ['GeminiCLI/v0.61.0 (linux; x64)', 'gemini-cli', '0.61.0'],
    ['GeminiCLI/0.61.0/gemini-2.5-pro (linux; x64) google-api-nodejs-client/9.15.1', 'gemini-cli', '0.61.0'],
    ['Cursor/1.7.2', 'cursor', '1.7.2'],
    ['continue-cli/1.5.47', 'continue', '1.5.47'],
    ['Cline/3.65.0', 'cline', '3.65.0'],
    ['OpenAI/JS 6.49.0', 'openai-sdk', '6.49.0'],
    ['AsyncOpenAI/Python 3.22.1', 'openai-sdk', '3.22.1'],
    ['Anthropic/JS 1.12.0', 'anthropic-sdk', '1.12.0'],
    ['AsyncAnthropic/Python 1.13.0', 'anthropic-sdk', '1.13.0'],
    ['Groq/JS 1.6.0', 'groq-sdk', '1.6.0'],
    ['cohere-ai/8.1.0', 'cohere-sdk', '8.1.0'],
    ['mistral-client-typescript/2.7.0', 'mistral-sdk', '2.7.0'],
    ['google-genai-sdk/2.32.0 gl-node/v20.20.2', 'google-genai-sdk', '2.32.0'],
    ['langchainjs-openai/1.0.0 ((node/v20.20.2; linux; x64))', 'langchain', '1.0.0'],
    ['ai/6.0.326 ai-sdk/provider-utils/4.0.66 runtime/node.js/v20.20.2', 'ai-sdk', '6.0.326'],
    ['ai-sdk/openai-compatible/3.0.30 ai-sdk/provider-utils/5.0.27', 'ai-sdk', '3.0.30'],
    ['my-app/7.0 OpenAI/JS 6.49.0', 'openai-sdk', '6.49.0'],
    ['curl/8.5.0', 'curl', '8.5.0'],
    ['Kilo-Code/4.99.1', 'kilo-code', '4.99.1'],
    ['kilo/7.0.3 ai-sdk/provider-utils/4.0.66', 'kilo-code', '7.0.3'],
    ['opencode-kilo-provider', null, null],
    ['QwenCode/0.10.3 (linux; x64)', 'qwen-code', '0.10.3'],
    ['Roo-Code/3.30.0', 'roo-code', '3.30.0'],
    ['GitHubCopilotChat/0.35.0', 'github-copilot', '0.35.0'],
    ['copilot/1.0.5 (linux) node/v24.0.0', 'github-copilot', '1.0.5'],
    ['pi/0.70.2', 'pi', '0.70.2'],
    ['pip/25.0', null, null],
    ['Open-WebUI/0.7.1', 'open-webui', '0.7.1'],
    ['aws-sdk-js/3.1164.0 ua/2.1 os/linux lang/js', 'aws-sdk', '3.1164.0'],
    ['Boto3/1.42.1 md/Botocore#1.42.1 ua/2.1', 'aws-sdk', '1.42.1'],
    ['genai-js/0.24.1', 'google-generative-ai-sdk', '0.24.1'],
    ['huggingface_hub/1.2.0; hf_hub/1.2.0; python/3.13', 'hugging-face-sdk', '1.2.0'],
    ['@huggingface/inference/4.13.0', 'hugging-face-sdk', '4.13.0'],
    ['openrouter/1.3.0', 'openrouter-sdk', '1.3.0'],
    ['speakeasy-sdk/typescript 0.3.11 2.788.4 1.0.0 @openrouter/sdk', 'openrouter-sdk', '0.3.11'],
    ['speakeasy-sdk/python 0.0.22 2.768.0 1.0.0 openrouter', 'openrouter-sdk', '0.0.22'],
    ['speakeasy-sdk/typescript 1.11.0 2.634.2 1.0.0 @mistralai/mistralai', 'mistral-sdk', '1.11.0'],
    ['AsyncPortkey/Python 2.1.0', 'portkey-sdk', '2.1.0'],
    ['unknown/None; hf_hub/1.2.0; python/3.13.1', 'hugging-face-sdk', '1.2.0'],
    ['github-copilot-cli/2.4.0', 'github-copilot', '2.4.0'],
    ['claude-cli/0.15.3 (external, cli)', 'qwen-code', '0.15.3'],
    ['portkey-ai/2.1.0', 'portkey-sdk', '2.1.0'],
  ])('the user agent %s is recognized', (userAgent, name, version) => {
    expect(of(userAgent)).toEqual([name, version]);
    expect(of(userAgent)).toEqual([name, version]);
  });

  it.each([
    '',
    'node',
    'Mozilla/5.0 (X11; Linux x86_64)',
    'python-httpx/0.28.1',
    'ai-gateway/1.0',
    'openai-wrapper/1',
    'curl',
    'continued/2',
    '////  /',
  ])('the user agent "%s" is not recognized', (userAgent) => {
    expect(of(userAgent)).toEqual([null, null]);
  });

  it('headers that only one program sends win over the user agent', () => {
    expect(of('Bun/1.3.0', { 'x-claude-code-session-id': 's' })).toEqual(['claude-code', null]);
    expect(of('claude-cli/2.1.0', { 'x-claude-code-session-id': 's' })).toEqual(['claude-code', '2.1.0']);
    expect(of('reqwest/1', { originator: 'codex_exec' })).toEqual(['codex', null]);
    expect(of('curl/8.5.0', { originator: 'somebody' })).toEqual(['curl', '8.5.0']);
  });

  it('SDKs in a browser are recognized by their own headers', () => {
    const browser = 'Mozilla/5.0 (X11; Linux x86_64)';
    expect(of(browser, { 'x-stainless-package-version': '6.49.0' })).toEqual(['openai-sdk', '6.49.0']);
    expect(of(browser, { 'x-stainless-package-version': '1.12.0', 'anthropic-version': '2023-06-01' })).toEqual([
      'anthropic-sdk',
      '1.12.0',
    ]);
    expect(of(browser, { 'x-goog-api-client': 'google-genai-sdk/3.1.0 gl-web/' })).toEqual([
      'google-genai-sdk',
      '3.1.0',
    ]);
    expect(of(browser, { 'x-amz-user-agent': 'aws-sdk-js/3.1164.0 ua/2.1' })).toEqual(['aws-sdk', '3.1164.0']);
    expect(of('node', { 'x-goog-api-client': 'genai-js/0.24.1' })).toEqual(['google-generative-ai-sdk', '0.24.1']);
    expect(of('claude-cli/0.9.0', { 'x-claude-code-session-id': 's' })).toEqual(['claude-code', '0.9.0']);
    expect(of(browser, { 'x-fern-sdk-name': 'cohere-ai', 'x-fern-sdk-version': '8.1.0' })).toEqual([
      'cohere-sdk',
      '8.1.0',
    ]);
  });

  it('the recorded version has at most 40 characters', () => {
    expect(of(`curl/${'9'.repeat(100_000)}`)).toEqual(['curl', '9'.repeat(40)]);
    expect(recognizeClient({})).toEqual({ name: null, version: null });
  });

  it.each<[Record<string, string>, string]>([
    [{ 'x-title': 'Cline' }, 'cline'],
    [{ 'x-title': ' Kilo Code ' }, 'kilo-code'],
    [{ 'http-referer': 'https://cline.bot' }, 'cline'],
    [{ 'http-referer': 'https://www.kilocode.ai/' }, 'kilo-code'],
    [{ 'x-kilocode-taskid': 't' }, 'kilo-code'],
    [{ 'x-kilocode-editorname': 'Visual Studio Code' }, 'kilo-code'],
    [{ 'x-client-type': 'cline-cli' }, 'cline'],
    [{ 'x-cline-version': '3.65.0' }, 'cline'],
    [{ 'http-referer': 'https://pi.dev' }, 'pi'],
    [{ 'x-dashscope-useragent': 'QwenCode/0.10.3' }, 'qwen-code'],
    [{ 'x-openwebui-chat-id': 'c' }, 'open-webui'],
    [{ 'x-portkey-package-version': 'portkey-ai-2.1.0' }, 'portkey-sdk'],
  ])('a program that uses a library is recognized by %j', (headers, name) => {
    expect(of('ai-sdk/openai-compatible/3.0.30', headers)).toEqual([name, null]);
  });

  it.each<Record<string, string>>([
    { 'x-title': 'My app' },
    { 'x-title': 'constructor' },
    { 'http-referer': 'https://cline.bot.example' },
    { 'http-referer': 'not a url' },
  ])('the headers %j do not change the recognized client', (headers) => {
    expect(of('OpenAI/JS 6.49.0', headers)).toEqual(['openai-sdk', '6.49.0']);
  });
});
