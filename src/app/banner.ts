import type { AppConfig } from '../platform/config/app-config.js';
import type { FirstOwnerAccess } from './first-start.js';

/** The output at the start of the program: its address, the admin login (once), and a first command to try. */
export function formatBanner(config: AppConfig, created: FirstOwnerAccess | null): string {
  const { publicUrl } = config.http;
  const lines = [
    '',
    `  Gatehouse is listening on ${config.http.host}:${config.http.port}`,
    '',
    `  LLM clients   ${publicUrl}/v1/<provider>`,
    `  Admin API     ${publicUrl}/api/docs`,
    `  Sign in       ${publicUrl}/account`,
    `  Database      ${config.database.url ? 'PostgreSQL' : `embedded, in ${config.database.dataDir}`}`,
    `  Shared state  ${config.redis ? 'Redis' : 'in this process'}`,
    ...config.notices.map((notice) => `\n  ${notice}`),
  ];
  if (created?.password) {
    lines.push('', '  First start. The owner of the default organization, shown this once:');
    lines.push(`    e-mail    ${created.email}`, `    password  ${created.password.expose()}`);
  }
  if (created?.apiKey) lines.push(`    admin API key  ${created.apiKey.expose()}`);
  const key = created?.apiKey?.expose() ?? '$GATEHOUSE_ADMIN_KEY';
  lines.push('', '  Try it:', `    curl -H 'Authorization: Bearer ${key}' ${publicUrl}/api/me`, '', '');
  return lines.join('\n');
}
