import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../auth/callers/actor.js';
import { RequirePermission } from '../auth/methods/route-access.js';
import { PathId } from '../admin-api/field-rules.js';
import { InteractionContentView } from './content.dto.js';
import { ContentReader } from './content.reader.js';

@ApiTags('Interactions')
@Controller('api/interactions')
export class ContentController {
  constructor(private readonly reader: ContentReader) {}

  /** Returns the content of a call, if its LLM proxy stores it (`captureContent`). The audit log records each read. */
  @Get(':id/content')
  @RequirePermission('interaction:read_content')
  @Header('Cache-Control', 'no-store')
  getInteractionContent(@CurrentActor() actor: Actor, @PathId() id: string): Promise<InteractionContentView> {
    return this.reader.read(actor, id);
  }
}
