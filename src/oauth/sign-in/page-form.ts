/** Forms of our pages as handlers read them: text by name, nothing else. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** A form's longest text of ours is a provider key; a password has a limit of its own. */
const LONGEST = 8192;

export class PageForm {
  constructor(private readonly fields: URLSearchParams) {}

  /** Trimmed unless it is a secret, which means what it says. Empty when it is absent, given twice or absurdly long. */
  text(name: string): string {
    return this.secret(name).trim();
  }

  secret(name: string): string {
    const values = this.fields.getAll(name);
    return values.length === 1 && values[0]!.length <= LONGEST ? values[0]! : '';
  }

  all(name: string): string[] {
    return this.fields.getAll(name);
  }
}

/** As the outer server has read it, of the type `application/x-www-form-urlencoded`. */
export const formOf = ({ body }: FastifyRequest): PageForm =>
  new PageForm(body instanceof URLSearchParams ? body : new URLSearchParams());

/** The form of the current request, as a handler's parameter. */
export const CurrentForm = createParamDecorator((_: unknown, context: ExecutionContext): PageForm =>
  formOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
