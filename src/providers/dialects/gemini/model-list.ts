import {
  buildNextQuery,
  includesAny,
  requireEntries,
  requireFields,
  toListedModels,
  type ModelListFormat,
} from '../base/model-list.js';

const QUERY = 'pageSize=1000';
const METHODS = new Set(['generateContent', 'embedContent']);
/** `models/gemini-2.5-flash` is called by its bare name. */
const COLLECTION = 'models/';

/** ai.google.dev/api/models */
export const geminiModelList: ModelListFormat = {
  first: QUERY,
  read(document) {
    const { models, nextPageToken } = requireFields(document);
    return {
      models: requireEntries(models ?? [])
        .filter((entry) => includesAny(entry['supportedGenerationMethods'], METHODS))
        .flatMap((entry) => toListedModels(removeCollection(entry['name']), 0, entry['displayName'])),
      next: buildNextQuery(QUERY, 'pageToken', nextPageToken),
    };
  },
};

const removeCollection = (name: unknown): unknown =>
  typeof name === 'string' && name.startsWith(COLLECTION) ? name.slice(COLLECTION.length) : name;
