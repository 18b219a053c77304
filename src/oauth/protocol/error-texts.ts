/**
 * Texts that a person reads when an authorization fails: one row per error code. The descriptions of oidc-provider
 * address developers of clients and never reach a page. Pure.
 */

export interface ErrorText {
  title: string;
  /** What happened. */
  message: string;
  /** What the person can do. */
  advice: string;
}

export interface ProtocolError {
  error?: string | undefined;
  error_description?: string | undefined;
}

/** Descriptions that this server writes itself. Each selects its own row. */
export const OWN_DESCRIPTIONS = {
  denied: 'the user does not allow it',
  selfRegisteredForbidden: 'your organization does not allow applications that registered themselves',
  otherOrganization: 'this application belongs to another organization',
  adminScopeRefused:
    'the admin API is for clients that were registered for the organization by a person who holds these permissions',
  notAForm: 'the request is not a form',
} as const;

const FAILED = 'This did not work';
const START_AGAIN = 'Go back to the app and start again.';
const TELL_DEVELOPER =
  'Go back to the app and start again. If it happens again, give the developer of the app the details below.';

const createErrorText = (message: string, advice: string, title = FAILED): ErrorText => ({ title, message, advice });

const UNKNOWN_APP = createErrorText('This server does not know the app that sent you here.', TELL_DEVELOPER);
const BAD_REQUEST = createErrorText('The app sent a request that this server cannot process.', TELL_DEVELOPER);
const BAD_REGISTRATION = createErrorText(
  'The app describes itself in a way that this server does not accept.',
  TELL_DEVELOPER,
);
const SILENT = 'The app tried to continue without asking you, and that is not possible now.';
const RETRY_IN_APP = 'Start again in the app. It then shows you the page that is needed.';

const BY_CODE: Readonly<Record<string, ErrorText>> = {
  access_denied: createErrorText('Access was not allowed.', START_AGAIN),
  account_selection_required: createErrorText(SILENT, RETRY_IN_APP),
  consent_required: createErrorText(SILENT, RETRY_IN_APP),
  expired_token: createErrorText('The request has expired.', START_AGAIN),
  interaction_required: createErrorText(SILENT, RETRY_IN_APP),
  invalid_client: UNKNOWN_APP,
  invalid_client_metadata: BAD_REGISTRATION,
  invalid_redirect_uri: createErrorText(
    'The app wants to continue at an address that it has not registered. You were not sent there.',
    TELL_DEVELOPER,
  ),
  invalid_request: BAD_REQUEST,
  invalid_request_uri: createErrorText('The request of the app has expired or was used already.', START_AGAIN),
  invalid_scope: createErrorText('The app asks for permissions that it cannot have.', TELL_DEVELOPER),
  invalid_target: createErrorText(
    'The app asks for access to a service that is not part of this server.',
    TELL_DEVELOPER,
  ),
  login_required: createErrorText(
    'The app tried to continue without a sign-in, and you are not signed in.',
    RETRY_IN_APP,
  ),
  server_error: createErrorText('Something went wrong on this server.', 'Try again in a minute.'),
  temporarily_unavailable: createErrorText(
    'This server cannot process the request at the moment.',
    'Wait a few seconds, then reload this page.',
  ),
  too_many_requests: createErrorText(
    'Too many requests came from your network address.',
    'Please wait, and try again in a minute.',
  ),
  unauthorized_client: createErrorText('The app may not sign people in this way.', TELL_DEVELOPER),
};

const NOT_ALLOWED = 'You did not allow the app';

const BY_DESCRIPTION: Readonly<Record<string, ErrorText>> = {
  [OWN_DESCRIPTIONS.denied]: createErrorText(
    'The app got no access.',
    'You can close this page, or let the app know that you did not allow it.',
    NOT_ALLOWED,
  ),
  [OWN_DESCRIPTIONS.selfRegisteredForbidden]: createErrorText(
    'Your organization does not allow apps that registered themselves.',
    'Ask an administrator of your organization to register the app.',
  ),
  [OWN_DESCRIPTIONS.otherOrganization]: createErrorText(
    'The app belongs to another organization than your account.',
    'Sign in with an account of that organization, or ask the developer of the app.',
  ),
  [OWN_DESCRIPTIONS.adminScopeRefused]: createErrorText(
    'The app asks to administer your organization, but no person with these permissions has registered it for that.',
    'An owner or admin of your organization can register it.',
  ),
};

/** The text for an authorization that has ended or began in another browser. */
export const INTERACTION_ENDED = createErrorText(
  'This page has expired, was answered already, or was opened in another browser.',
  START_AGAIN,
);

export const findErrorText = ({ error, error_description: description }: ProtocolError): ErrorText =>
  BY_DESCRIPTION[description ?? ''] ?? BY_CODE[error ?? ''] ?? BAD_REQUEST;
