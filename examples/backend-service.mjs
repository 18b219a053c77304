// A service that calls models in its own name. `npm install openai openid-client`
import OpenAI from 'openai';
import * as oauth from 'openid-client';

const { GATEHOUSE_URL, CLIENT_ID, CLIENT_SECRET, PROXY, MODEL = 'gpt-5.4-mini' } = process.env;

const issuer = new URL(GATEHOUSE_URL);
const plainHttp = issuer.protocol === 'http:' ? { execute: [oauth.allowInsecureRequests] } : {}; // for localhost
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);
const gateway = await oauth.discovery(issuer, CLIENT_ID, undefined, authentication, plainHttp);

let token = '';
let renewAt = 0;

/** The token at hand, or a new one a minute before that ends. */
async function accessToken() {
  if (Date.now() >= renewAt) {
    const answer = await oauth.clientCredentialsGrant(gateway, { scope: 'llm:proxy' });
    token = answer.access_token;
    renewAt = Date.now() + (answer.expires_in - 60) * 1000;
  }
  return token;
}

// The vendor's SDK asks for the key before each call.
const openai = new OpenAI({ baseURL: `${GATEHOUSE_URL}/v1/openai/${PROXY}`, apiKey: accessToken });

for (const content of ['Say hello.', 'And once more.']) {
  const answer = await openai.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] });
  console.log(answer.choices[0].message.content);
}
