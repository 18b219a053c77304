/**
 * The only page that oidc-provider renders itself: a form that submits itself (lib/response_modes/form_post.js). The
 * library uses it for `response_mode=form_post`, for the sign-out of a person who is not signed in, and to end another
 * person's session before a sign-in continues. Its renderer cannot be replaced, so its page is parsed, and rendered in
 * the layout of the product.
 */

export interface PostedForm {
  action: string;
  fields: Readonly<Record<string, string>>;
}

const LIBRARY_PAGE = '<title>Submitting Callback</title>';
const ACTION = /<form method="post" action="([^"]*)">/;
const FIELD = /<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g;

/**
 * Returns null if `body` is not the library's page. Attribute values are escaped there, so none can imitate a field.
 */
export function readPostedForm(body: unknown): PostedForm | null {
  if (typeof body !== 'string' || !body.includes(LIBRARY_PAGE)) return null;
  const action = ACTION.exec(body)?.[1];
  if (action === undefined) throw new Error('the form page of oidc-provider has changed');
  const fields = [...body.matchAll(FIELD)].map(([, name = '', value = '']) => [name, unescapeHtml(value)]);
  return { action: unescapeHtml(action), fields: Object.fromEntries(fields) as Record<string, string> };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const unescapeHtml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);
