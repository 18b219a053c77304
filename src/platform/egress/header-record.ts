/** Returns flat headers (name, value …) as an object. Of a repeated name the last value remains. */
export function toHeaderRecord(flat: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) record[flat[i]!] = flat[i + 1]!;
  return record;
}
