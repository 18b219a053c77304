/** Plans a call on the Model Router: targets to send it to, or a response of the gateway. */
import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { withChosenTeam } from '../../proxy/access/chosen-team.js';
import type { Exchange } from '../../proxy/call/llm-call.js';
import type { OwnAnswer, Route } from '../../proxy/call/target.js';
import { renderAnthropicModelList, renderModelList } from '../catalog/model-list-rendering.js';
import { ModelCatalogue } from '../catalog/model-catalog.js';
import { estimateTokens } from '../../translation/client-formats/messages/request/token-estimate.js';
import type { JsonObject } from '../../translation/pivot/chat.js';
import { CallWording, type RoutedCall } from './upstream-request-builder.js';
import { CandidateFinder } from './target-finder.js';
import { HeldPlaces } from './target-cooldown.js';
import { ModelRoute, type Candidate } from './model-route.js';
import { RemoteFiles } from './remote-files.js';
import { routedBody } from '../../translation/pivot/routed-body.js';
import { counting, listing, routerCall } from './router-call.js';

@Injectable()
export class CallPlanner {
  constructor(
    private readonly candidates: CandidateFinder,
    private readonly wording: CallWording,
    private readonly catalogue: ModelCatalogue,
    private readonly files: RemoteFiles,
    private readonly held: HeldPlaces,
  ) {}

  /** See `Plan`. */
  async plan(exchange: Exchange, body: Buffer): Promise<Route | OwnAnswer> {
    const call = routerCall(exchange.request.raw.method!, exchange.path.path);
    if (!call) throw nothingHere();
    if (call.kind === 'models') return this.#list(exchange);
    if (call.kind === 'model') return this.#one(exchange, call.id);
    return this.#routed(exchange, call.kind, body);
  }

  async #routed(exchange: Exchange, kind: RoutedCall['kind'], bytes: Buffer): Promise<Route | OwnAnswer> {
    const body = routedBody(bytes);
    exchange.claimedSession = body.claimedSession;
    const caller = withChosenTeam(exchange);
    const { candidates, passedOver } = await this.candidates.find(body.model, caller, exchange.proxy!);
    if (kind === 'count_tokens' && candidates[0]!.adapter.dialect !== 'anthropic') {
      await this.candidates.usable(candidates[0]!, caller, exchange.proxy!);
      return estimated(bytes);
    }
    const call: RoutedCall = {
      kind,
      body,
      query: exchange.path.query,
      requestId: exchange.requestId,
      userAgent: exchange.request.raw.headers['user-agent'],
      betas: String(exchange.request.raw.headers['anthropic-beta'] ?? ''),
      created: Math.floor(exchange.createdAt / 1000),
      files: this.files.of(exchange.response),
      maxOutputTokens: exchange.proxy!.policy.maxOutputTokens ?? null,
    };
    const word = (candidate: Candidate) => this.wording.word(call, candidate);
    return new ModelRoute(body.model, candidates, word, this.held, passedOver);
  }

  async #list(exchange: Exchange): Promise<OwnAnswer> {
    const models = await this.catalogue.list(withChosenTeam(exchange), exchange.proxy!);
    const list = wantsAnthropic(exchange) ? renderAnthropicModelList(models) : renderModelList(models);
    return { operation: listing, body: JSON.stringify(list) };
  }

  async #one(exchange: Exchange, id: string): Promise<OwnAnswer> {
    const models = await this.catalogue.list(withChosenTeam(exchange), exchange.proxy!);
    const found = models.filter((model) => model.id === id || model.id === id.replace('/', ':'));
    const [model] = wantsAnthropic(exchange) ? renderAnthropicModelList(found).data : renderModelList(found).data;
    if (model) return { operation: listing, body: JSON.stringify(model) };
    throw new GatewayError(
      'model_not_found',
      'This credential reaches no model of that name. GET models lists those that it reaches.',
    );
  }
}

/** Estimates the tokens for vendors that cannot count them. Clients of Claude accept an estimate. */
const estimated = (bytes: Buffer): OwnAnswer => ({
  operation: counting,
  body: JSON.stringify(estimateTokens(JSON.parse(bytes.toString('utf8')) as JsonObject)),
});

const wantsAnthropic = ({ request }: Exchange): boolean => request.raw.headers['anthropic-version'] !== undefined;

const nothingHere = (): GatewayError =>
  new GatewayError(
    'path_not_found',
    'There is nothing at this path. The Model Router has chat/completions, responses, embeddings, models and v1/messages below its base URL.',
  );
