/** Validation rules for the fields of request bodies and paths. */
import { applyDecorators, Injectable, Param, type PipeTransform } from '@nestjs/common';
import { ApiParam, ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { isUuid } from '../platform/ids.js';
import { INSTANT, PRINTABLE } from './field-patterns.js';

/** One line of text, trimmed, of 1 to `max` characters. */
export const OneLine = (max: number) =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    IsString(),
    Length(1, max),
    Matches(PRINTABLE, { message: '$property must hold printable text alone' }),
    ApiProperty({ minLength: 1, maxLength: max }),
  );

/** A field that may be left out, but is never null. (`@IsOptional()` lets null pass; use that where null clears.) */
export const MayBeAbsent = () => ValidateIf((_, value) => value !== undefined);

/**
 * The id of a stored entity; with `each` a list of ids; with `or` alternatively that word. Upper-case digits are
 * converted to lower case.
 */
export const IsId = (options: { each?: boolean; or?: string } = {}) =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toLowerCase) : toLowerCase(value))),
    ValidateBy(
      {
        name: 'isId',
        validator: {
          validate: (value) => typeof value === 'string' && (isUuid(value) || value === options.or),
          defaultMessage: () =>
            `${options.each ? 'each value in ' : ''}$property must be a UUID${options.or ? ` or ${options.or}` : ''}`,
        },
      },
      options,
    ),
    ...(options.each || options.or ? [] : [ApiProperty({ format: 'uuid' })]),
  );

/** An instant as text, with its offset from UTC (RFC 3339); `new Date(text)` reads every value that passes. */
export const IsInstant = () =>
  applyDecorators(
    Matches(INSTANT, { message: '$property must be an instant such as 2030-01-31T12:00:00Z (RFC 3339)' }),
    ApiProperty({ format: 'date-time' }),
  );

const toLowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

@Injectable()
class PathIdPipe implements PipeTransform<string, string> {
  /** Rejects a malformed id with 404, as any other unknown id: it cannot exist. */
  transform(value: string): string {
    if (isUuid(value)) return value.toLowerCase();
    throw new GatewayError('not_found', 'The id in the path is not a UUID. Copy it from the list.');
  }
}

const PATH_IDS: Readonly<Record<string, string>> = { id: 'Its id, as the list shows it.', userId: 'Id of the user.' };

/** The id in the path: parsed, validated and documented. */
export const PathId =
  (name = 'id'): ParameterDecorator =>
  (target, method, index) => {
    Param(name, PathIdPipe)(target, method, index);
    const descriptor = Object.getOwnPropertyDescriptor(target, method!)!;
    ApiParam({ name, description: PATH_IDS[name] ?? 'Its id.', schema: { type: 'string', format: 'uuid' } })(
      target,
      method!,
      descriptor,
    );
  };
