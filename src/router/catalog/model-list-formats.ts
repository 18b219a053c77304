/**
 * Formats in which vendors list their models, per dialect: the query to send, and the entries of the response that
 * count. Pure. Models that cannot be called through the router, or have no usable name, are left out. A document of
 * another shape throws.
 *
 * Sources: platform.openai.com/docs/api-reference/models, docs.anthropic.com/en/api/models-list,
 * ai.google.dev/api/models, docs.cohere.com/reference/list-models, ListFoundationModels and ListInferenceProfiles in
 * docs.aws.amazon.com/bedrock/latest/APIReference.
 */
import type { DialectId } from '../../providers/dialects/base/dialect.js';

/** A model as its provider's list names it. */
export interface ListedModel {
  readonly model: string;
  /** Unix seconds. 0: the list does not contain it. */
  readonly created: number;
  readonly displayName?: string;
}

export interface ModelListPage {
  models: ListedModel[];
  /** Query of the next page, without `?`. Null: this was the last page. */
  next: string | null;
}

export interface ModelListFormat {
  /** Query of the first page, without `?`. May be empty. */
  first: string;
  /** Paths below the base URL that list further models, which `read` accepts as well. */
  furtherPaths?: readonly string[];
  read(document: unknown): ModelListPage;
}

type Members = Readonly<Record<string, unknown>>;

/** Maximum length of a name. No vendor's names come near it. */
const MAX_NAME_CHARS = 256;
const USABLE_NAME = /^[^\s\p{Cc}\p{Cs}]+$/u;
const GEMINI_METHODS = new Set(['generateContent', 'embedContent']);
const ON_DEMAND = new Set(['ON_DEMAND']);
const BEDROCK_OUTPUTS = new Set(['TEXT', 'EMBEDDING']);
const COHERE_ENDPOINTS = new Set(['chat', 'embed']);
/** Some servers write milliseconds where seconds are meant; seconds reach this in the year 5138. */
const MILLISECONDS_FROM = 100_000_000_000;

const ANTHROPIC_QUERY = 'limit=1000';
const GEMINI_QUERY = 'pageSize=1000';
const COHERE_QUERY = 'page_size=1000';
const BEDROCK_QUERY = 'maxResults=1000';

export const MODEL_LIST_FORMATS: Readonly<Partial<Record<DialectId, ModelListFormat>>> = {
  openai: {
    first: '',
    // Together responds with the bare array.
    read: (document) => ({
      models: entries(Array.isArray(document) ? document : members(document).data)
        .filter(isInService)
        .flatMap((entry) => listed(entry.id, instant(entry.created), entry.display_name)),
      next: null,
    }),
  },
  anthropic: {
    first: ANTHROPIC_QUERY,
    read(document) {
      const { data, has_more: hasMore, last_id: lastId } = members(document);
      return {
        models: entries(data).flatMap((entry) => listed(entry.id, instant(entry.created_at), entry.display_name)),
        next: hasMore === true ? nextPage(ANTHROPIC_QUERY, 'after_id', lastId) : null,
      };
    },
  },
  gemini: {
    first: GEMINI_QUERY,
    read(document) {
      const { models, nextPageToken } = members(document);
      return {
        models: entries(models ?? [])
          .filter((entry) => names(entry.supportedGenerationMethods, GEMINI_METHODS))
          .flatMap((entry) => listed(withoutCollection(entry.name), 0, entry.displayName)),
        next: nextPage(GEMINI_QUERY, 'pageToken', nextPageToken),
      };
    },
  },
  cohere: {
    first: COHERE_QUERY,
    read(document) {
      const { models, next_page_token: token } = members(document);
      return {
        models: entries(models)
          .filter((entry) => names(entry.endpoints, COHERE_ENDPOINTS))
          .flatMap((entry) => listed(entry.name, 0, undefined)),
        next: nextPage(COHERE_QUERY, 'page_token', token),
      };
    },
  },
  bedrock: {
    first: '',
    // Most models are called by an inference profile, which defines the regions that a call may use.
    furtherPaths: ['inference-profiles'],
    read(document) {
      const { modelSummaries, inferenceProfileSummaries, nextToken } = members(document);
      const models = modelSummaries === undefined ? [] : entries(modelSummaries).filter(isOnDemand);
      const profiles = entries(inferenceProfileSummaries ?? (modelSummaries === undefined ? undefined : []));
      return {
        models: [
          ...models.flatMap((entry) => listed(entry.modelId, 0, entry.modelName)),
          ...profiles
            .filter(({ status }) => status === 'ACTIVE')
            .flatMap((entry) => listed(entry.inferenceProfileId, instant(entry.createdAt), entry.inferenceProfileName)),
        ],
        next: nextPage(BEDROCK_QUERY, 'nextToken', nextToken),
      };
    },
  },
};

/** Groq marks models that are switched off; Azure marks those that accept only training or fine-tuning. */
function isInService({ active, capabilities }: Members): boolean {
  return active !== false && !(isMembers(capabilities) && capabilities.inference === false);
}

/** Other models accept calls only through a profile, or on capacity that was bought before. */
const isOnDemand = ({ inferenceTypesSupported, outputModalities }: Members): boolean =>
  names(inferenceTypesSupported, ON_DEMAND) && names(outputModalities, BEDROCK_OUTPUTS);

/** Returns an empty list for a name that could not be called. */
function listed(name: unknown, created: number, displayName: unknown): ListedModel[] {
  if (typeof name !== 'string' || name.length > MAX_NAME_CHARS || !USABLE_NAME.test(name)) return [];
  const shown = typeof displayName === 'string' && displayName !== '' ? displayName.slice(0, MAX_NAME_CHARS) : null;
  return [{ model: name, created, ...(shown === null ? {} : { displayName: shown }) }];
}

/** Removes the collection: `models/gemini-2.5-flash` is called by its bare name. */
const withoutCollection = (name: unknown): unknown =>
  typeof name === 'string' && name.startsWith('models/') ? name.slice('models/'.length) : name;

function instant(value: unknown): number {
  const seconds = typeof value === 'string' ? Date.parse(value) / 1000 : typeof value === 'number' ? value : NaN;
  if (!Number.isFinite(seconds) || seconds < 0) return 0;
  return Math.floor(seconds >= MILLISECONDS_FROM ? seconds / 1000 : seconds);
}

const nextPage = (query: string, parameter: string, token: unknown): string | null =>
  typeof token === 'string' && token !== '' ? `${query}&${parameter}=${encodeURIComponent(token)}` : null;

const names = (list: unknown, wanted: ReadonlySet<string>): boolean =>
  Array.isArray(list) && list.some((name) => wanted.has(name as string));

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function members(document: unknown): Members {
  if (isMembers(document)) return document;
  throw new Error('the list of models is not an object');
}

function entries(list: unknown): Members[] {
  if (Array.isArray(list)) return list.filter(isMembers);
  throw new Error('it has no list of models');
}
