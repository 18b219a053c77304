import type { ComponentChildren, JSX } from 'preact';
import { PostForm } from './post-form.js';

interface RowActionProps {
  action: string;
  csrf: string;
  /** What the button says. */
  verb: string;
  /** What it is done to: said to those who hear the button and do not see its row. */
  target: string;
}

/** A button that acts at once, for what is easily made good. */
export const RowButton = ({ action, csrf, verb, target }: RowActionProps): JSX.Element => (
  <PostForm action={action} hidden={{ csrf }}>
    <button type="submit" class="small">
      {verb}
      <span class="unseen"> {target}</span>
    </button>
  </PostForm>
);

interface RowPanelProps extends RowActionProps {
  /** The button that does it. */
  confirm: string;
  isDangerous?: boolean;
  children: ComponentChildren;
}

/** A button that first opens a panel, for what needs a second look or something typed. One panel is open at a time. */
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
