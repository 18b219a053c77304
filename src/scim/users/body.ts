/** Parses and validates a directory's data about a user (RFC 7643 §4.1). */
import { Transform } from 'class-transformer';
import { IsEmail, MaxLength } from 'class-validator';
import { MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { asAddress } from '../../orgs/users/users.dto.js';
import { checkedBody } from '../../admin-api/body-validation.js';
import { asBoolean, asText, attributeOf, isObject, type JsonObject } from '../protocol/json-attributes.js';

/** The stored attributes, as they were sent. */
export interface UserAttributes {
  userName?: unknown;
  displayName?: unknown;
  name?: unknown;
  externalId?: unknown;
  active?: unknown;
}

/** The validated attributes. Absent ones are undefined. */
export interface SaidOfUser {
  email: string | undefined;
  name: string | undefined;
  externalId: string | undefined;
  isActive: boolean | undefined;
}

class UserBody {
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? asAddress(value) : value))
  @IsEmail({ require_tld: false }, { message: 'userName must be an e-mail address' })
  @MaxLength(254)
  userName?: string;

  @MayBeAbsent()
  @OneLine(200)
  displayName?: string;

  @MayBeAbsent()
  @OneLine(255)
  externalId?: string;
}

/** Throws `validation_failed` or `invalidValue`. */
export async function readUser(given: UserAttributes): Promise<SaidOfUser> {
  const { userName, displayName, externalId } = await checkedBody(
    UserBody,
    withoutUndefined({
      userName: given.userName,
      displayName: shownName(given),
      externalId: given.externalId === '' ? undefined : given.externalId,
    }),
  );
  const isActive = given.active === undefined ? undefined : asBoolean(given.active, 'active');
  return { email: userName, name: displayName, externalId, isActive };
}

/** Ignores everything else in the body (RFC 7644 §3.3). */
export const userAttributes = (body: JsonObject): UserAttributes => ({
  userName: attributeOf(body, 'username'),
  displayName: attributeOf(body, 'displayname'),
  name: attributeOf(body, 'name'),
  externalId: attributeOf(body, 'externalid'),
  active: attributeOf(body, 'active'),
});

/** Returns the one name that is stored: the display name, else the formatted name, else its parts. */
function shownName({ displayName, name }: UserAttributes): unknown {
  if (displayName !== undefined && displayName !== '') return displayName;
  if (!isObject(name)) return undefined;
  const part = (key: string): string => asText(attributeOf(name, key) ?? '', `name.${key}`).trim();
  return part('formatted') || [part('givenname'), part('familyname')].filter((each) => each).join(' ') || undefined;
}

const withoutUndefined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
