import type { ComponentChildren, JSX } from 'preact';

/** Shows why input was not accepted. Fields refer to it by `id`. */
export const ErrorMessage = ({ id, children }: { id?: string; children: ComponentChildren }): JSX.Element => (
  <div class="message error" role="alert" id={id}>
    <p>{children}</p>
  </div>
);

/** Reports a success. */
export const DoneMessage = ({ children }: { children: ComponentChildren }): JSX.Element => (
  <div class="message done" role="status">
    <p>{children}</p>
  </div>
);

/** Shows a warning before the person continues. */
export const Caution = ({ title, children }: { title: string; children: ComponentChildren }): JSX.Element => (
  <div class="message caution">
    <p>
      <strong>{title}</strong>
    </p>
    <p>{children}</p>
  </div>
);
