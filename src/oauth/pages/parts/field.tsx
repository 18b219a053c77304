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
  /** Id of the error message that may concern this field, if there is one. */
  errorId?: string;
  /** Distinguishes fields with the same name on one page. */
  idPrefix?: string;
}

/** A labelled input. Screen readers read its hint and its error with it. */
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
        // The library types each kind of input only together with its roles.
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
