// A CI job or a pod that calls models with the token of its platform, without a stored secret.
// `npm install openai openid-client`
import { readFile } from 'node:fs/promises';
import OpenAI from 'openai';
import * as oauth from 'openid-client';

const { GATEHOUSE_URL, PROXY, TOKEN_FILE, MODEL = 'gpt-5.4-mini' } = process.env;

/** Reads the file for each call, because the platform replaces it before the token expires. */
const platformToken = async () => (await readFile(TOKEN_FILE, 'utf8')).trim();

async function ask(path, apiKey, model) {
  const openai = new OpenAI({ baseURL: `${GATEHOUSE_URL}${path}`, apiKey });
  const messages = [{ role: 'user', content: 'Say hello.' }];
  const completion = await openai.chat.completions.create({ model, messages });
  console.log(completion.choices[0].message.content);
}

// The routes of a provider accept the platform's token as the API key.
await ask(`/v1/openai/${PROXY}`, platformToken, MODEL);

// The Model Router accepts it only if the LLM proxy allows JWTs there: exchange it (RFC 8693).
const issuer = new URL(GATEHOUSE_URL);
const plainHttp = issuer.protocol === 'http:' ? { execute: [oauth.allowInsecureRequests] } : {}; // for localhost
const gateway = await oauth.discovery(issuer, 'llm_oauth_gatehouse_exchange', undefined, oauth.None(), plainHttp);
const { access_token: accessToken } = await oauth.genericGrantRequest(
  gateway,
  'urn:ietf:params:oauth:grant-type:token-exchange',
  {
    subject_token: await platformToken(),
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  },
);
await ask(`/v1/model-router/${PROXY}`, accessToken, `openai:${MODEL}`);
