/**
 * Every variable that Gatehouse reads: meaning, unit and bounds. `.env.example` lists the same names (a test compares
 * them). Nothing else in the program reads `process.env`, but for `LLM_<PROVIDER>_BASE_URL` and `env:` secrets, whose
 * names are open.
 */
import { Transform } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';

const Int = () =>
  Transform(({ value }: { value: unknown }): unknown => (/^-?\d+$/.test(String(value)) ? Number(value) : value));
const List = () =>
  Transform(({ value }) =>
    String(value)
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

export class Env {
  /** Port to listen on. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(0)
  @Max(65535)
  PORT?: number;

  /** Address to listen on. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  HOST?: string;

  /** Public origin of the gateway, such as `https://gateway.example`. http only for loopback hosts. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  PUBLIC_URL?: string;

  /** PostgreSQL 15 or later, as `postgres://…`. Unset: an embedded PostgreSQL (PGlite) in DATA_DIR. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/./, { message: 'DATABASE_URL must begin with postgres://' })
  DATABASE_URL?: string;

  /** Database connections per process. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(2)
  @Max(200)
  DATABASE_POOL_SIZE?: number;

  /** Directory of the embedded database, its lock and its generated encryption key. */
  @IsOptional()
  @IsString()
  @Length(1, 4096)
  DATA_DIR?: string;

  /** Redis, as `redis://…` or `rediss://…`, for state that several processes share. */
  @IsOptional()
  @Matches(/^rediss?:\/\/./, { message: 'REDIS_URL must begin with redis:// or rediss://' })
  REDIS_URL?: string;

  /** Prefix of every Redis key. Deployments that share a server need different ones. */
  @IsOptional()
  @Matches(/^[\w:.-]{1,64}$/)
  REDIS_KEY_PREFIX?: string;

  /** Comma-separated base64 keys of 32 bytes. The first encrypts, all decrypt. Required with DATABASE_URL. */
  @IsOptional()
  @List()
  @IsArray()
  @ArrayNotEmpty()
  @Matches(/^[A-Za-z0-9+/_-]{43}=?$/, { each: true, message: 'each ENCRYPTION_KEYS entry must be 32 bytes in base64' })
  ENCRYPTION_KEYS?: string[];

  /** E-mail of the owner created on first start. */
  @IsOptional()
  @IsEmail({ require_tld: false })
  ADMIN_EMAIL?: string;

  /** Password of that owner, 12 characters or more. */
  @IsOptional()
  @IsString()
  @Length(12, 256)
  ADMIN_PASSWORD?: string;

  /** An admin API key to create for the owner, so that scripts need no browser. */
  @IsOptional()
  @Matches(/^arch_api_[A-Za-z0-9_-]{32,}$/, { message: 'BOOTSTRAP_API_KEY must match ^arch_api_[A-Za-z0-9_-]{32,}$' })
  BOOTSTRAP_API_KEY?: string;

  /** Private hosts or CIDRs that outgoing calls may reach, with plain http and any port. */
  @IsOptional()
  @List()
  @IsArray()
  @IsString({ each: true })
  UPSTREAM_ALLOWED_HOSTS?: string[];

  /** Seconds to wait for a connection to a provider. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(120)
  UPSTREAM_CONNECT_TIMEOUT_SECONDS?: number;

  /** Seconds to wait for the response headers of a provider. Reasoning models can take minutes. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(3600)
  UPSTREAM_HEADERS_TIMEOUT_SECONDS?: number;

  /** Seconds without a chunk of a response after which the call fails. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(3600)
  UPSTREAM_IDLE_TIMEOUT_SECONDS?: number;

  /** Connections that each process keeps to one provider. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(4096)
  UPSTREAM_CONNECTIONS?: number;

  /** Bytes of one LLM request body after decompression. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1024)
  @Max(1024 ** 3)
  MAX_REQUEST_BYTES?: number;

  /** Bytes of all LLM request bodies that one process holds in memory. At least MAX_REQUEST_BYTES. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1024)
  @Max(1024 ** 4)
  MAX_BUFFERED_BYTES?: number;

  /** CIDRs of reverse proxies whose X-Forwarded-For may name the client's address. */
  @IsOptional()
  @List()
  @IsArray()
  @IsString({ each: true })
  TRUSTED_PROXIES?: string[];

  /** Origins that browsers may call the LLM routes from, or `*`. */
  @IsOptional()
  @List()
  @IsArray()
  @IsString({ each: true })
  CORS_ALLOWED_ORIGINS?: string[];

  /** Processes. More than one needs DATABASE_URL and REDIS_URL. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(256)
  WORKERS?: number;

  /** Seconds that open streams get to end after SIGTERM. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(0)
  @Max(3600)
  DRAIN_SECONDS?: number;

  /** Own port for /metrics. Unset: served on PORT. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(0)
  @Max(65535)
  METRICS_PORT?: number;

  /** Seconds that a known caller is admitted while the database is unavailable. 0: refused with 503. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(0)
  @Max(3600)
  STALE_AUTH_SECONDS?: number;

  /** Failed credentials per minute and pair of address and credential; ten times that per address. Also wrong passwords per 15 minutes. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  FAILED_CREDENTIALS_PER_MINUTE?: number;

  /** Days that the records of calls are kept. Statistics are kept longer. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(3650)
  INTERACTION_RETENTION_DAYS?: number;

  /** Bytes of records in DATA_DIR/spool while the database is unavailable, over all processes. 0: records stay in memory. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  SPOOL_MAX_BYTES?: number;

  /** Calls that a limit applies to, while Redis is unavailable: `closed` refuses them, `local` allows each process a share. */
  @IsOptional()
  @IsIn(['closed', 'local'])
  LIMITS_WITHOUT_REDIS?: string;

  /** Percent of every limit that each process allows while Redis is unavailable, with LIMITS_WITHOUT_REDIS=local. */
  @IsOptional()
  @Int()
  @IsInt()
  @Min(1)
  @Max(100)
  LIMITS_LOCAL_SHARE_PERCENT?: number;

  /** Whether public OAuth clients may register themselves, or identify themselves by a metadata document. */
  @IsOptional()
  @IsIn(['on', 'off'])
  OAUTH_DCR?: string;

  /** Least severe level that is logged. */
  @IsOptional()
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL?: string;

  /** OTLP/HTTP endpoint; traces are exported when it is set. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** Address of HashiCorp Vault, for keys stored as `vault:…`. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  VAULT_ADDR?: string;

  /** Token for Vault. */
  @IsOptional()
  @IsString()
  @Length(1, 4096)
  VAULT_TOKEN?: string;

  /** Vault Enterprise namespace. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  VAULT_NAMESPACE?: string;
}
