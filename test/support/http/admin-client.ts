/** Calls the admin API as a script would: plain fetch and an admin API key. */

// Responses are untyped, as scripts read them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface AdminResponse {
  status: number;
  body: Json;
  headers: Headers;
}

export class AdminClient {
  constructor(
    readonly url: string,
    readonly key: string | null,
  ) {}

  /** Returns the response, with any status. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<AdminResponse> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.key === null ? {} : { authorization: `Bearer ${this.key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      body: isJson && text ? JSON.parse(text) : text,
      headers: response.headers,
    };
  }

  get = (path: string): Promise<AdminResponse> => this.call('GET', path);
  post = (path: string, body?: unknown): Promise<AdminResponse> => this.call('POST', path, body);
  patch = (path: string, body: unknown): Promise<AdminResponse> => this.call('PATCH', path, body);
  put = (path: string, body: unknown): Promise<AdminResponse> => this.call('PUT', path, body);
  delete = (path: string): Promise<AdminResponse> => this.call('DELETE', path);

  /** Creates a resource and returns it; throws with the whole response when that fails. */
  async create(path: string, body: unknown): Promise<Json> {
    const answer = await this.post(path, body);
    if (answer.status !== 201)
      throw new Error(`POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Returns a client with another key. */
  as(key: string | null): AdminClient {
    return new AdminClient(this.url, key);
  }
}
