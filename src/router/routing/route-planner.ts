/** Plans a call on the Model Router: targets to send it to, or a response of the gateway. */
import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { applyChosenTeam } from '../../proxy/access/chosen-team.js';
import type { LlmCall } from '../../proxy/call/llm-call.js';
import type { GatewayResponse, Route } from '../../proxy/call/target.js';
import { renderAnthropicModelList, renderModelList } from '../catalog/model-list-rendering.js';
import { ModelCatalog } from '../catalog/model-catalog.js';
import { estimateTokens } from '../../translation/client-formats/messages/request/token-estimate.js';
import type { JsonObject } from '../../translation/pivot/chat.js';
import { UpstreamRequestBuilder, type RoutedCall } from './upstream-request-builder.js';
import { TargetFinder } from './target-finder.js';
import { TargetCooldown } from './target-cooldown.js';
import { ModelRoute, type RouteTarget } from './model-route.js';
import { RemoteFiles } from './remote-files.js';
import { readRoutedBody } from '../../translation/pivot/routed-body.js';
import { COUNTING, LISTING, readRouterCall } from './router-call.js';

@Injectable()
export class RoutePlanner {
  constructor(
    private readonly targetFinder: TargetFinder,
    private readonly requestBuilder: UpstreamRequestBuilder,
    private readonly catalog: ModelCatalog,
    private readonly files: RemoteFiles,
    private readonly cooldown: TargetCooldown,
  ) {}

  /** See `PlanRoute`. */
  async plan(call: LlmCall, body: Buffer): Promise<Route | GatewayResponse> {
    const routed = readRouterCall(call.request.raw.method!, call.path.path);
    if (!routed) throw createPathNotFoundError();
    if (routed.kind === 'models') return this.#listModels(call);
    if (routed.kind === 'model') return this.#showModel(call, routed.id);
    return this.#planRoute(call, routed.kind, body);
  }

  async #planRoute(call: LlmCall, kind: RoutedCall['kind'], bytes: Buffer): Promise<Route | GatewayResponse> {
    const body = readRoutedBody(bytes);
    call.claimedSession = body.claimedSession;
    const caller = applyChosenTeam(call);
    const { targets, skipped } = await this.targetFinder.find(body.model, caller, call.proxy!);
    if (kind === 'count_tokens' && !getDialect(targets[0]!.adapter.dialect).nativePaths?.count_tokens) {
      await this.targetFinder.chooseKey(targets[0]!, caller, call.proxy!);
      return createEstimateResponse(bytes);
    }
    const routedCall: RoutedCall = {
      kind,
      body,
      query: call.path.query,
      requestId: call.requestId,
      userAgent: call.request.raw.headers['user-agent'],
      betas: String(call.request.raw.headers['anthropic-beta'] ?? ''),
      created: Math.floor(call.createdAt / 1000),
      files: this.files.createCallFiles(call.response),
      maxOutputTokens: call.proxy!.policy.maxOutputTokens ?? null,
    };
    const build = (routeTarget: RouteTarget) => this.requestBuilder.build(routedCall, routeTarget);
    return new ModelRoute(body.model, targets, build, this.cooldown, skipped);
  }

  async #listModels(call: LlmCall): Promise<GatewayResponse> {
    const models = await this.catalog.list(applyChosenTeam(call), call.proxy!);
    const list = wantsAnthropic(call) ? renderAnthropicModelList(models) : renderModelList(models);
    return { operation: LISTING, body: JSON.stringify(list) };
  }

  async #showModel(call: LlmCall, id: string): Promise<GatewayResponse> {
    const models = await this.catalog.list(applyChosenTeam(call), call.proxy!);
    const found = models.filter((model) => model.id === id || model.id === id.replace('/', ':'));
    const [model] = wantsAnthropic(call) ? renderAnthropicModelList(found).data : renderModelList(found).data;
    if (model) return { operation: LISTING, body: JSON.stringify(model) };
    throw new GatewayError(
      'model_not_found',
      'This credential reaches no model with that name. GET models lists those that it reaches.',
    );
  }
}

/** Estimates the tokens for vendors that cannot count them. Clients of Claude accept an estimate. */
const createEstimateResponse = (bytes: Buffer): GatewayResponse => ({
  operation: COUNTING,
  body: JSON.stringify(estimateTokens(JSON.parse(bytes.toString('utf8')) as JsonObject)),
});

const wantsAnthropic = ({ request }: LlmCall): boolean => request.raw.headers['anthropic-version'] !== undefined;

const createPathNotFoundError = (): GatewayError =>
  new GatewayError(
    'path_not_found',
    'No endpoint has this path. The Model Router has chat/completions, responses, embeddings, models and v1/messages below its base URL.',
  );
