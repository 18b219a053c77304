/** The vendors that an admin can choose from. A preset is one file and one line here. */
import type { FieldError } from '../../platform/errors/gateway-error.js';
import { auth0 } from './auth0.preset.js';
import { custom } from './custom.preset.js';
import { entra } from './entra.preset.js';
import { githubActions } from './github-actions.preset.js';
import { gitlab } from './gitlab.preset.js';
import { google } from './google.preset.js';
import type { IdentityPreset } from './identity-preset.js';
import { keycloak } from './keycloak.preset.js';
import { kubernetes } from './kubernetes.preset.js';
import { okta } from './okta.preset.js';

export type { Advice, IdentityPreset } from './identity-preset.js';

export const PRESETS: readonly IdentityPreset[] = [
  okta,
  entra,
  auth0,
  keycloak,
  google,
  githubActions,
  kubernetes,
  gitlab,
  custom,
];

const BY_ID: ReadonlyMap<string, IdentityPreset> = new Map(PRESETS.map((preset) => [preset.id, preset]));

/** A record saved under a preset that no longer exists is a custom one. */
export const getPreset = (id: string): IdentityPreset => BY_ID.get(id) ?? custom;

/** Returns the preset of the vendor whose issuer this resembles; otherwise `custom`. */
export const detectPreset = (issuer: string): IdentityPreset =>
  PRESETS.find((preset) => preset.recognizes(issuer)) ?? custom;

/** Returns the faults of an issuer and audiences to be saved under a preset, worded for the admin. */
export const checkIssuerSettings = (presetId: string, issuer: string, audiences: readonly string[]): FieldError[] =>
  getPreset(presetId).findFaults(issuer, audiences);
