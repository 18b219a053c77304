/**
 * Imports oidc-provider without its warning. Other files import its values from here, and its types from the package.
 */
import { restoreWarnings } from './oidc-provider-warning.js';
import Provider, { errors, interactionPolicy } from 'oidc-provider';

restoreWarnings();

export { errors, interactionPolicy, Provider };
