import {
  buildNextQuery,
  includesAny,
  requireEntries,
  requireFields,
  toListedModels,
  type ModelListFormat,
} from '../base/model-list.js';

const QUERY = 'page_size=1000';
const ENDPOINTS = new Set(['chat', 'embed']);

/** docs.cohere.com/reference/list-models */
export const cohereModelList: ModelListFormat = {
  first: QUERY,
  read(document) {
    const { models, next_page_token: token } = requireFields(document);
    return {
      models: requireEntries(models)
        .filter((entry) => includesAny(entry['endpoints'], ENDPOINTS))
        .flatMap((entry) => toListedModels(entry['name'], 0, undefined)),
      next: buildNextQuery(QUERY, 'page_token', token),
    };
  },
};
