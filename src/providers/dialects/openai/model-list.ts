import {
  requireEntries,
  requireFields,
  toListedModels,
  toUnixSeconds,
  type ModelListFormat,
} from '../base/model-list.js';
import { toFields, type Fields } from '../base/token-counts.js';

/** platform.openai.com/docs/api-reference/models. Together responds with the bare array. */
export const openAiModelList: ModelListFormat = {
  first: '',
  read: (document) => ({
    models: requireEntries(Array.isArray(document) ? document : requireFields(document)['data'])
      .filter(isInService)
      .flatMap((entry) => toListedModels(entry['id'], toUnixSeconds(entry['created']), entry['display_name'])),
    next: null,
  }),
};

/** Groq marks models that are switched off; Azure marks those that accept only training or fine-tuning. */
const isInService = (entry: Fields): boolean =>
  entry['active'] !== false && toFields(entry['capabilities'])?.['inference'] !== false;
