// A service that calls models in its own name.
// `npm install openai openid-client`
import OpenAI from 'openai';
import * as oauth from 'openid-client';

const { GATEHOUSE_URL, CLIENT_ID, CLIENT_SECRET, PROXY, MODEL = 'gpt-5.4-mini' } = process.env;

const issuer = new URL(GATEHOUSE_URL);
const plainHttp = issuer.protocol === 'http:' ? { execute: [oauth.allowInsecureRequests] } : {}; // for localhost
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);
const gateway = await oauth.discovery(issuer, CLIENT_ID, undefined, authentication, plainHttp);

let token = '';
let renewAt = 0;

/** Returns the current token, or a new one from a minute before it expires. */
async function accessToken() {
  if (Date.now() >= renewAt) {
    const response = await oauth.clientCredentialsGrant(gateway, { scope: 'llm:proxy' });
    token = response.access_token;
    renewAt = Date.now() + (response.expires_in - 60) * 1000;
  }
  return token;
}

// The vendor's SDK calls the function before each request.
const openai = new OpenAI({ baseURL: `${GATEHOUSE_URL}/v1/openai/${PROXY}`, apiKey: accessToken });

for (const content of ['Say hello.', 'And once more.']) {
  const completion = await openai.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] });
  console.log(completion.choices[0].message.content);
}
