/** What the gateway wrote down about the calls, read back by the admin API as anybody with the right to would. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoCall } from './demo-calls.js';
import type { DemoStage } from './demo-stage.js';

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

/** Records can be read within a second; a machine that is busy gets more. */
const PATIENCE_MS = 10_000;
const POLL_MS = 50;
/** Enough to tell a handful of keys apart. */
const FINGERPRINT_CHARS = 10;

/** The records of `calls`, in their order. */
export async function recordsOf(calls: readonly DemoCall[], { admin }: DemoStage): Promise<DemoRecord[]> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    const { data } = await admin.get<{ data: DemoRecord[] }>('/api/interactions?limit=100');
    const found = calls.flatMap(({ id }) => data.find((record) => record.id === id) ?? []);
    if (found.length === calls.length) return found;
    await wait(POLL_MS);
  }
  throw new Error('the calls were not recorded in time');
}

/** Who a record names, in words. */
export async function nameRecorded({
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
    // The demo knows of no other client: this one is the app that has registered itself.
    if (user && oauthClientId !== null) return `${user.email}, through the app "${app.name}"`;
    return user ? user.email : `key holder ${keyFingerprint?.slice(0, FINGERPRINT_CHARS)}`;
  };
}

/** The stored key that a record names, in words. */
export function nameKey({ companyKeys, ownKey }: DemoStage, { providerKeyId }: DemoRecord): string {
  if (providerKeyId === null) return 'the one that the caller sent';
  return [...companyKeys.values(), ownKey].find(({ id }) => id === providerKeyId)?.name ?? 'a key of nobody’s';
}
