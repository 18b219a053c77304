/** Validates claims in request bodies: their names, the paths to them, and the values that they must have. */
import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsString,
  Matches,
  MaxLength,
  ValidateBy,
} from 'class-validator';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import type { ClaimPath } from '../trusted-issuer/identity-provider.js';
import { VISIBLE } from './profile.js';

/** Enough for every rule set that a person maintains. */
const MAX_CLAIMS = 20;
/** Namespaced claims are URLs. */
const MAX_NAME_LENGTH = 200;
const MAX_TEXTS = 100;
const MAX_TEXT_LENGTH = 500;
const MAX_VALUE_LENGTH = 1000;
/** Client roles in Keycloak's tokens are nested three levels deep. */
const MAX_PATH_DEPTH = 5;

export type ClaimValues = Record<string, string | boolean | number>;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH && PRINTABLE.test(value);

export const isClaimPath = (value: unknown): value is ClaimPath =>
  isName(value) ||
  (Array.isArray(value) && value.length > 0 && value.length <= MAX_PATH_DEPTH && value.every((name) => isName(name)));

function isClaimValues(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_CLAIMS && entries.every(([name, wanted]) => isName(name) && isClaimValue(wanted));
}

/** In a merge patch, null removes a claim. */
const isClaimValue = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  Number.isSafeInteger(value) ||
  (typeof value === 'string' && value.length > 0 && value.length <= MAX_VALUE_LENGTH && PRINTABLE.test(value));

/** An object of claims, each with the string, integer or boolean that it must have. */
export const AreClaimValues = () =>
  applyDecorators(
    ValidateBy({
      name: 'areClaimValues',
      validator: {
        validate: isClaimValues,
        defaultMessage: () =>
          `$property must be an object of at most ${MAX_CLAIMS} claims, each with the text, whole number or boolean that it must have`,
      },
    }),
    ApiProperty({ type: 'object', additionalProperties: true }),
  );

export const ApiClaimPath = (options: { nullable?: boolean } = {}) =>
  ApiProperty({
    ...options,
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: MAX_PATH_DEPTH }],
  });

/** The name of a top-level claim, or the path of names that leads to a nested one. */
export const IsClaimPath = () =>
  applyDecorators(
    ValidateBy({
      name: 'isClaimPath',
      validator: {
        validate: (value) => value === null || isClaimPath(value),
        defaultMessage: () =>
          `$property must be the name of a claim, or a list of 1 to ${MAX_PATH_DEPTH} names on the way to it`,
      },
    }),
    ApiClaimPath({ nullable: true }),
  );

/** Strings that occur in tokens verbatim: visible ASCII, without white space. */
export const AreVisibleTexts = (atLeast = 0) =>
  applyDecorators(
    IsArray(),
    ArrayMinSize(atLeast),
    ArrayMaxSize(MAX_TEXTS),
    ArrayUnique(),
    IsString({ each: true }),
    MaxLength(MAX_TEXT_LENGTH, { each: true }),
    Matches(VISIBLE, { each: true, message: 'each value in $property must be text without white space' }),
    ApiProperty({ type: [String], minItems: atLeast, maxItems: MAX_TEXTS, uniqueItems: true }),
  );

/** A list of case-insensitive strings; lower-cases and trims them. */
export const LowerCased = () =>
  Transform(({ value }: { value: unknown }) =>
    Array.isArray(value)
      ? value.map((item: unknown) => (typeof item === 'string' ? item.trim().toLowerCase() : item))
      : value,
  );

/** Applies a merge patch (RFC 7396): absent members stay, null members are removed. */
export function applyMergePatch<T extends object>(present: T, patch: object | undefined): T {
  const entries = Object.entries({ ...present, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as T;
}
