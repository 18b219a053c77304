import type { JSX } from 'preact';
import { Caution } from './messages.js';

/** Warns about an app whose name looks like the name of the product. */
export const ImitationCaution = (): JSX.Element => (
  <Caution title="Not part of Gatehouse">
    The name of this app looks like a name of this gateway, but the app is not part of it. Do not continue unless you
    know who runs it.
  </Caution>
);
