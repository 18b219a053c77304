// Obtains tokens of a user as an application does: it registers itself, and the owner signs in and consents.
import { createHash, randomBytes } from 'node:crypto';
import { PageWalker } from '../../dist/demo/actors/page-walker.js';

const OAUTH = '/api/auth/oauth2';
const REDIRECT_URI = 'http://127.0.0.1:1/callback';

/** `url`: the public URL of the gateway. `person`: { email, password }. */
export async function registerApp(url, person) {
  const { client_id: clientId } = await post(`${url}${OAUTH}/register`, {
    'content-type': 'application/json',
    body: JSON.stringify({ client_name: 'bench', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }),
  });
  return { clientId, signIn: () => signIn(url, clientId, person) };
}

async function signIn(url, clientId, person) {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'llm:proxy',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const browser = new PageWalker(url);
  let stop = await browser.submit(await browser.visit(`${OAUTH}/authorize?${parameters}`), person);
  // Only the first time.
  if (stop.html) stop = await browser.submit(stop, { decision: 'allow' });
  const form = {
    grant_type: 'authorization_code',
    client_id: clientId,
    code: stop.url.searchParams.get('code'),
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  };
  return post(`${url}${OAUTH}/token`, { body: new URLSearchParams(form) });
}

async function post(url, { body, ...headers }) {
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
