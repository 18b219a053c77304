/** Vendor headers that also apply to the translated response: limits, waits and the vendor's request id. */
const FORWARDED_HEADERS =
  /^(?:retry-after(?:-ms)?|x-should-retry|x-upstream-request-id|x-amzn-requestid|(?:x|anthropic)-ratelimit-.+|openai-.+)$/;

/** Returns the headers of a translated response: flat name, value …; names in lower case. */
export function buildTranslatedHeaders(vendor: readonly string[], isEventStream: boolean): string[] {
  const headers = isEventStream
    ? ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']
    : ['content-type', 'application/json'];
  for (let i = 0; i < vendor.length; i += 2)
    if (FORWARDED_HEADERS.test(vendor[i]!)) headers.push(vendor[i]!, vendor[i + 1]!);
  return headers;
}
