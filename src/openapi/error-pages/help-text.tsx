import type { JSX } from 'preact';

/** Code in backticks, or a link. */
const MARK = /`([^`]+)`|\[[^\]]+\]\(([^)]+)\)/;

/**
 * Renders the Markdown of a cause or fix. A link becomes the path of its page in the documentation, which the gateway
 * does not serve.
 */
export function HelpText({ text }: { text: string }): JSX.Element {
  const found = MARK.exec(text);
  if (!found) return <>{text}</>;
  const [mark, code, page] = found;
  return (
    <>
      {text.slice(0, found.index)}
      <code>{code ?? `docs/${page}`}</code>
      <HelpText text={text.slice(found.index + mark.length)} />
    </>
  );
}
