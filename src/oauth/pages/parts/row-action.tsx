import type { ComponentChildren, JSX } from 'preact';
import { PostForm } from './post-form.js';

interface RowActionProps {
  action: string;
  csrf: string;
  /** Label of the button. */
  verb: string;
  /** Object of the action, for screen readers: their users hear the button without seeing its row. */
  target: string;
}

/** A button that acts immediately, for actions that are easily reversed. */
export const RowButton = ({ action, csrf, verb, target }: RowActionProps): JSX.Element => (
  <PostForm action={action} hidden={{ csrf }}>
    <button type="submit" class="small">
      {verb}
      <span class="unseen"> {target}</span>
    </button>
  </PostForm>
);

interface RowPanelProps extends RowActionProps {
  /** Label of the button that performs the action. */
  confirm: string;
  isDangerous?: boolean;
  children: ComponentChildren;
}

/** A button that first opens a panel, for actions that need confirmation or input. Only one panel is open at a time. */
export const RowPanel = ({
  action,
  csrf,
  verb,
  target,
  confirm,
  isDangerous,
  children,
}: RowPanelProps): JSX.Element => (
  <details class="panel" name="row-panel">
    <summary class="button small">
      {verb}
      <span class="unseen"> {target}</span>
    </summary>
    <PostForm action={action} hidden={{ csrf }} class="panel-body">
      {children}
      <button type="submit" class={isDangerous ? 'danger' : 'primary'}>
        {confirm}
      </button>
    </PostForm>
  </details>
);
