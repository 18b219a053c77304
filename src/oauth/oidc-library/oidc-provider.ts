/**
 * Imports oidc-provider without its warning. Other files import its values from here, and its types from the package.
 */
import { noticesAreOver } from './oidc-provider-warning.js';
import Provider, { errors, interactionPolicy } from 'oidc-provider';

noticesAreOver();

export { errors, interactionPolicy, Provider };
