/** Reads the gateway's records of the calls from the admin API. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoCall } from './calls.js';
import type { DemoStage } from './setup.js';

export interface DemoRecord {
  id: string;
  authMethod: string | null;
  virtualKeyId: string | null;
  oauthClientId: string | null;
  userId: string | null;
  keyFingerprint: string | null;
  providerKeyId: string | null;
  provider: string;
  path: string;
  streaming: boolean;
  status: number;
  errorCode: string | null;
  inputTokens: number | null;
  cachedInputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  durationMs: number;
}

/** Records can be read within a second; a busy machine gets more time. */
const TIMEOUT_MS = 10_000;
const POLL_MS = 50;
/** Enough to distinguish a handful of keys. */
const FINGERPRINT_CHARS = 10;

/** Returns the records of `calls`, in their order. */
export async function readRecords(calls: readonly DemoCall[], { admin }: DemoStage): Promise<DemoRecord[]> {
  for (let waited = 0; waited < TIMEOUT_MS; waited += POLL_MS) {
    const { data } = await admin.get<{ data: DemoRecord[] }>('/api/interactions?limit=100');
    const found = calls.flatMap(({ id }) => data.find((record) => record.id === id) ?? []);
    if (found.length === calls.length) return found;
    await wait(POLL_MS);
  }
  throw new Error('the calls were not recorded in time');
}

/** Describes the caller that a record names. */
export async function createCallerNaming({
  admin,
  virtualKey,
  narrowKey,
  service,
  app,
}: DemoStage): Promise<(record: DemoRecord) => string> {
  const { data: users } = await admin.get<{ data: { id: string; email: string }[] }>('/api/users');
  return ({ virtualKeyId, oauthClientId, userId, keyFingerprint }) => {
    const key = [virtualKey, narrowKey].find(({ id }) => id === virtualKeyId);
    const user = users.find(({ id }) => id === userId);
    if (key) return `virtual key "${key.name}"${user ? ` of ${user.email}` : ''}`;
    if (oauthClientId === service.client.id) return `the application "${service.client.name}"`;
    // The demo has only one other client: the app that has registered itself.
    if (user && oauthClientId !== null) return `${user.email}, through the app "${app.name}"`;
    return user ? user.email : `key holder ${keyFingerprint?.slice(0, FINGERPRINT_CHARS)}`;
  };
}

/** Describes the stored key that a record names. */
export function nameKey({ companyKeys, ownKey }: DemoStage, { providerKeyId }: DemoRecord): string {
  if (providerKeyId === null) return 'the one that the caller sent';
  return [...companyKeys.values(), ownKey].find(({ id }) => id === providerKeyId)?.name ?? 'an unknown key';
}
