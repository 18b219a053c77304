// An app whose users sign in at the gateway and allow it to call models on their behalf, with their keys.
// `npm install openai openid-client`
import { createServer } from 'node:http';
import OpenAI from 'openai';
import * as oauth from 'openid-client';

const { GATEHOUSE_URL, CLIENT_ID, PORT = '8765', MODEL = 'gpt-5.4-mini' } = process.env;
const redirectUri = `http://127.0.0.1:${PORT}/callback`;

const issuer = new URL(GATEHOUSE_URL);
const plainHttp = issuer.protocol === 'http:' ? { execute: [oauth.allowInsecureRequests] } : {}; // for localhost
// An app that runs on its users' machines cannot keep a secret. It registers itself unless an admin has registered it.
const metadata = { client_name: 'Notebook', application_type: 'native', redirect_uris: [redirectUri] };
const gateway = CLIENT_ID
  ? await oauth.discovery(issuer, CLIENT_ID, undefined, oauth.None(), plainHttp)
  : await oauth.dynamicClientRegistration(issuer, metadata, oauth.None(), plainHttp);

const verifier = oauth.randomPKCECodeVerifier();
const state = oauth.randomState();
const address = oauth.buildAuthorizationUrl(gateway, {
  redirect_uri: redirectUri,
  scope: 'llm:proxy',
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
});

/** The address to which the gateway redirects the browser, with the code. */
const callback = await new Promise((resolve) => {
  const server = createServer((request, response) => {
    const url = new URL(request.url, redirectUri);
    if (url.pathname !== '/callback') return response.writeHead(404).end();
    response.setHeader('connection', 'close').end('Done. You can close this page.');
    server.close();
    resolve(url);
  });
  server.listen(Number(PORT), '127.0.0.1', () => console.log(`Open ${address.href}`));
});
let tokens = await oauth.authorizationCodeGrant(gateway, callback, {
  expectedState: state,
  pkceCodeVerifier: verifier,
});

async function ask(content) {
  const openai = new OpenAI({ baseURL: `${GATEHOUSE_URL}/v1/openai`, apiKey: tokens.access_token });
  const completion = await openai.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] });
  console.log(completion.choices[0].message.content);
}

await ask('Say hello.');
// An hour later the access token has expired. A refresh token works once: the response contains the next one.
tokens = await oauth.refreshTokenGrant(gateway, tokens.refresh_token);
await ask('Still there?');
