import type { JSX } from 'preact';

export interface SelectProps {
  name: string;
  label: string;
  options: readonly { value: string; text: string }[];
  selected?: string;
  errorId?: string;
  idPrefix?: string;
}

/** A labelled single choice. */
export function Select({ name, label, options, selected, errorId, idPrefix = '' }: SelectProps): JSX.Element {
  const id = idPrefix + name;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name} aria-describedby={errorId}>
        {options.map(({ value, text }) => (
          <option key={value} value={value} selected={value === selected}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
