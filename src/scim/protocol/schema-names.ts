/** Names of schemas and messages (RFC 7643 §8, RFC 7644 §8.2). */
const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0';

export const USER_SCHEMA = `${CORE}:User`;
export const GROUP_SCHEMA = `${CORE}:Group`;
export const SCHEMA_SCHEMA = `${CORE}:Schema`;
export const RESOURCE_TYPE_SCHEMA = `${CORE}:ResourceType`;
export const SERVICE_PROVIDER_CONFIG_SCHEMA = `${CORE}:ServiceProviderConfig`;
export const ERROR_SCHEMA = `${MESSAGES}:Error`;
export const LIST_SCHEMA = `${MESSAGES}:ListResponse`;
export const PATCH_SCHEMA = `${MESSAGES}:PatchOp`;
