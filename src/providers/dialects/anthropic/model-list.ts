import {
  buildNextQuery,
  requireEntries,
  requireFields,
  toListedModels,
  toUnixSeconds,
  type ModelListFormat,
} from '../base/model-list.js';

const QUERY = 'limit=1000';

/** docs.anthropic.com/en/api/models-list */
export const anthropicModelList: ModelListFormat = {
  first: QUERY,
  read(document) {
    const { data, has_more: hasMore, last_id: lastId } = requireFields(document);
    return {
      models: requireEntries(data).flatMap((entry) =>
        toListedModels(entry['id'], toUnixSeconds(entry['created_at']), entry['display_name']),
      ),
      next: hasMore === true ? buildNextQuery(QUERY, 'after_id', lastId) : null,
    };
  },
};
