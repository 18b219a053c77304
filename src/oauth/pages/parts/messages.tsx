import type { ComponentChildren, JSX } from 'preact';

/** Why what was sent was not accepted. Fields refer to it by `id`. */
export const ErrorMessage = ({ id, children }: { id?: string; children: ComponentChildren }): JSX.Element => (
  <div class="message error" role="alert" id={id}>
    <p>{children}</p>
  </div>
);

/** What was done. */
export const DoneMessage = ({ children }: { children: ComponentChildren }): JSX.Element => (
  <div class="message done" role="status">
    <p>{children}</p>
  </div>
);

/** What to think of before going on. */
export const Caution = ({ title, children }: { title: string; children: ComponentChildren }): JSX.Element => (
  <div class="message caution">
    <p>
      <strong>{title}</strong>
    </p>
    <p>{children}</p>
  </div>
);
