import {
  buildNextQuery,
  includesAny,
  requireEntries,
  requireFields,
  toListedModels,
  toUnixSeconds,
  type ModelListFormat,
} from '../base/model-list.js';
import type { Fields } from '../base/token-counts.js';

const NEXT_QUERY = 'maxResults=1000';
const ON_DEMAND = new Set(['ON_DEMAND']);
const OUTPUTS = new Set(['TEXT', 'EMBEDDING']);

/** ListFoundationModels and ListInferenceProfiles in docs.aws.amazon.com/bedrock/latest/APIReference */
export const bedrockModelList: ModelListFormat = {
  first: '',
  // Most models are called by an inference profile, which defines the regions that a call may use.
  furtherPaths: ['inference-profiles'],
  read(document) {
    const { modelSummaries, inferenceProfileSummaries, nextToken } = requireFields(document);
    const models = modelSummaries === undefined ? [] : requireEntries(modelSummaries).filter(isOnDemand);
    const profiles = requireEntries(inferenceProfileSummaries ?? (modelSummaries === undefined ? undefined : []));
    return {
      models: [
        ...models.flatMap((entry) => toListedModels(entry['modelId'], 0, entry['modelName'])),
        ...profiles
          .filter((entry) => entry['status'] === 'ACTIVE')
          .flatMap((entry) =>
            toListedModels(
              entry['inferenceProfileId'],
              toUnixSeconds(entry['createdAt']),
              entry['inferenceProfileName'],
            ),
          ),
      ],
      next: buildNextQuery(NEXT_QUERY, 'nextToken', nextToken),
    };
  },
};

/** Other models accept calls only through a profile, or on capacity that was bought before. */
const isOnDemand = (entry: Fields): boolean =>
  includesAny(entry['inferenceTypesSupported'], ON_DEMAND) && includesAny(entry['outputModalities'], OUTPUTS);
