import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { SignedIn } from '../../auth/methods/route-access.js';
import { MeView } from './me.dto.js';
import { MeReader } from './me.reader.js';

@ApiTags('Me')
@Controller('api/me')
export class MeController {
  constructor(private readonly me: MeReader) {}

  /** Who you are, what you may do, and which providers you have a key for. */
  @Get()
  @SignedIn()
  get(@CurrentActor() { caller }: Actor): Promise<MeView> {
    return this.me.get(caller);
  }
}
