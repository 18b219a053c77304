import type { ComponentChildren, JSX } from 'preact';

export interface PostFormProps {
  action: string;
  /** Sent along unseen: at least what proves that the form came from us. */
  hidden: Readonly<Record<string, string>>;
  class?: string;
  children: ComponentChildren;
}

/** The only kind of form there is: what it does is never in an address, so never in a history or a log. */
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
