/** Validates input against the rules of its class, and reports what is wrong with each field. */
import { ValidationPipe, type Type as ClassOf, type ValidationError } from '@nestjs/common';
import type { FieldError } from '../platform/errors/gateway-error.js';
import { ruleViolation } from './refusals.js';

/** Validates every body and query of the admin API. Throws `validation_failed`. */
export const bodyValidation = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  exceptionFactory: (errors) => ruleViolation(errors.flatMap((error) => listFaults(error, ''))),
});

/**
 * Validates input that arrives elsewhere, for a service that accepts such bodies. Returns `given` as a checked `body`.
 */
export const checkBody = <T extends object>(body: ClassOf<T>, value: object): Promise<T> =>
  bodyValidation.transform(value, { type: 'body', metatype: body }) as Promise<T>;

function listFaults(error: ValidationError, parent: string): FieldError[] {
  const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.values(error.constraints ?? {}).map((detail) => ({ pointer, detail }));
  return [...own, ...(error.children ?? []).flatMap((child) => listFaults(child, pointer))];
}
