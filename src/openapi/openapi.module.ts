/** Owns the documentation that the gateway serves: the OpenAPI document, its page, and the pages of the error codes. */
import { Module } from '@nestjs/common';
import { ErrorPagesController } from './error-pages/error-pages.controller.js';

@Module({ controllers: [ErrorPagesController] })
export class OpenApiModule {}
