/** oidc-provider, imported in silence. Other files import its values from here, and its types from where they stand. */
import { noticesAreOver } from './library-notice.js';
import Provider, { errors, interactionPolicy } from 'oidc-provider';

noticesAreOver();

export { errors, interactionPolicy, Provider };
