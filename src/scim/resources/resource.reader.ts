/** Returns resources of one kind, as lists and individually. */
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import type { AppConfig } from '../../platform/config/app-config.js';
import { parseListQuery, createListResponse, type RawQuery } from './list-query.js';
import { Projection } from './projection.js';
import type { ResourceRows, RowSource } from './resource-rows.js';
import { SCIM_PATH } from '../protocol/scim-surface.js';

/** Describes a kind of resource. */
export interface ResourceKind<Row> {
  /** Name in error messages, such as `user`. */
  name: string;
  /** Path of the resources below the base: `Users`. */
  path: string;
  source: RowSource;
  /** Returns the SQL for the selected columns of a row. */
  selectFields: (projection: Projection) => string;
  /** Returns the whole resource. `base`: the URL below which all kinds are found. */
  toResource: (row: Row, base: string) => object;
}

export abstract class ResourceReader<Row, Id extends string> {
  readonly #base: string;

  protected constructor(
    private readonly kind: ResourceKind<Row>,
    private readonly rows: ResourceRows,
    config: AppConfig,
  ) {
    this.#base = `${config.http.publicUrl}/${SCIM_PATH}`;
  }

  /** Throws `invalidFilter`, `invalidValue`. */
  async list({ caller }: Actor, raw: RawQuery): Promise<object> {
    const { source, selectFields: fields, toResource } = this.kind;
    const query = parseListQuery(raw);
    const projection = new Projection(raw);
    const { rows, total } = await this.rows.findPage<Row>(source, fields(projection), caller.organizationId, query);
    const resources = rows.map((row) => projection.apply(toResource(row, this.#base)));
    return createListResponse(resources, total, query.startIndex);
  }

  /** Throws `not_found`. */
  async get({ caller }: Actor, id: Id, raw: RawQuery): Promise<object> {
    const { name, source, selectFields: fields, toResource } = this.kind;
    const projection = new Projection(raw);
    const row = await this.rows.findOne<Row>(source, fields(projection), caller.organizationId, id);
    if (!row) throw notFound(name, id);
    return projection.apply(toResource(row, this.#base));
  }

  getLocation = (id: Id): string => `${this.#base}/${this.kind.path}/${id}`;
}
