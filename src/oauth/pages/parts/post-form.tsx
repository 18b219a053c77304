import type { ComponentChildren, JSX } from 'preact';

export interface PostFormProps {
  action: string;
  /** Hidden fields: at least the one that proves the form's origin. */
  hidden: Readonly<Record<string, string>>;
  class?: string;
  children: ComponentChildren;
}

/** The only kind of form on the pages. Its data is never in a URL, and so never in a history or a log. */
export function PostForm({ action, hidden, children, ...rest }: PostFormProps): JSX.Element {
  return (
    <form method="post" action={action} class={rest.class}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}
