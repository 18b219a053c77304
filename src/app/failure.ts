/** What the user reads when the program ends with an error. */
import { ConfigError } from '../platform/config/app-config.js';
import { DataDirInUse } from '../platform/database/embedded/data-dir-lock.js';
import { EmbeddedDatabaseUnavailable } from '../platform/database/embedded/pglite-session.js';
import { IncompatibleSchema } from '../platform/database/schema/compatibility.js';
import { GatewayError } from '../platform/errors/gateway-error.js';

const EXPECTED_ERRORS = [ConfigError, DataDirInUse, IncompatibleSchema, EmbeddedDatabaseUnavailable] as const;

/** The message for the user about why the program ended: a sentence where one exists for the error. */
export function formatFailure(error: unknown): string {
  if (EXPECTED_ERRORS.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof GatewayError) return error.detail;
  // Several addresses were tried, as for a host name with IPv4 and IPv6: one error is enough.
  if (error instanceof AggregateError) return formatFailure(error.errors[0]);
  // The system's own message (`connect ECONNREFUSED …`, `listen EADDRINUSE …`) is sufficient.
  if (error instanceof Error && 'syscall' in error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
