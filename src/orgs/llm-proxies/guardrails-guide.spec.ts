/** Promise: the admin API accepts the policy in the guide's example. */
import { readFileSync } from 'node:fs';
import 'reflect-metadata';
import { checkBody } from '../../admin-api/body-validation.js';
import { CreateLlmProxyBody } from './llm-proxies.dto.js';
import { mergePolicy } from './auth-effect.js';

const GUIDE = readFileSync(new URL('../../../docs/guides/guardrails.md', import.meta.url), 'utf8');

it('the admin API accepts the tool call rules in docs/guides/guardrails.md', async () => {
  const [, example] = /<!-- example: policy -->\s+```json\n(.*?)```/s.exec(GUIDE)!;
  const policy = JSON.parse(example!);
  const body = await checkBody(CreateLlmProxyBody, { name: 'guide', policy });
  const { toolCalls } = mergePolicy({}, body.policy);
  expect(toolCalls).toMatchObject({ default: 'allow', onBlock: 'refuse', trustedTools: ['read_*', 'crm/*'] });
  expect(toolCalls!.rules.map(({ name }) => name)).toEqual(['no-prod-delete', 'large-payments', 'mail', 'no-github']);
});
