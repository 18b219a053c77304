import type { InputHTMLAttributes, JSX, PartialInputHTMLAttributes } from 'preact';

type Attributes = PartialInputHTMLAttributes<HTMLInputElement>;

export interface FieldProps extends Pick<
  Attributes,
  'autocapitalize' | 'autocomplete' | 'autofocus' | 'class' | 'readonly' | 'required' | 'spellcheck' | 'value'
> {
  name: string;
  label: string;
  type: 'email' | 'password' | 'text' | 'url';
  minlength?: number;
  maxlength?: number;
  hint?: string;
  /** Id of the error that may be about this field, if there is one. */
  errorId?: string;
  /** Tells apart fields of one name on one page. */
  idPrefix?: string;
}

/** A labelled input. Its hint and its error are read out with it. */
export function Field({ name, label, hint, errorId, idPrefix = '', ...input }: FieldProps): JSX.Element {
  const id = idPrefix + name;
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const describedBy = [errorId, hintId].filter((part) => part !== undefined).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        aria-describedby={describedBy || undefined}
        // The library's types know each type of input only together with its roles.
        {...(input as InputHTMLAttributes)}
      />
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}
