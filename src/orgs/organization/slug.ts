/** Lower-case letters, digits and hyphens, without a hyphen at either end: valid in a host name or a path. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
