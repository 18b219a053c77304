import { DeltaCollector, toElements, toIndex, type TextReading } from '../base/text-deltas.js';
import { toFields, type Fields } from '../base/token-counts.js';

export function readGeminiText(event: Fields): TextReading {
  const collector = new DeltaCollector();
  const ends: string[] = [];
  for (const [position, value] of toElements(event['candidates']).entries()) {
    const candidate = toFields(value);
    const group = `/candidates/${toIndex(candidate?.['index'], position)}`;
    for (const element of toElements(toFields(candidate?.['content'])?.['parts'])) {
      const part = toFields(element);
      collector.add(part, `${group}/content/parts${part?.['thought'] === true ? '/thought' : ''}`, group, ['text']);
    }
    if (candidate?.['finishReason']) ends.push(group);
  }
  return { deltas: collector.found, ends };
}
