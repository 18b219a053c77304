/** The names of tools in a request, wherever its language has them. */
import type { EditableObject } from '../../providers/json/editable-object.js';
import type { ToolNameRule } from '../../providers/contract/tool-name-rule.js';
import { VendorToolNames } from './vendor-names.js';

/** A path to objects: members, with `[]` behind those that hold lists. The last member is a name. */
type Paths = readonly (readonly string[])[];

const parsePaths = (...texts: readonly string[]): Paths => texts.map((path) => path.split('.'));

/** platform.openai.com/docs/api-reference/chat/create; `functions` and `function_call` are the form of 2023. */
const CHAT = parsePaths(
  'tools[].function.name',
  'tools[].custom.name',
  'functions[].name',
  'tool_choice.function.name',
  'tool_choice.custom.name',
  'tool_choice.allowed_tools.tools[].function.name',
  'tool_choice.allowed_tools.tools[].custom.name',
  'function_call.name',
  'messages[].tool_calls[].function.name',
  'messages[].tool_calls[].custom.name',
  'messages[].function_call.name',
);

/** The tools' own messages alone: the `name` of another role is a participant. */
const NAMED_RESULTS: ReadonlySet<unknown> = new Set(['tool', 'function']);

/** platform.openai.com/docs/api-reference/responses/create */
const RESPONSES = parsePaths(
  'tools[].name',
  'tools[].function.name',
  'tools[].custom.name',
  'tools[].tools[].name',
  'tool_choice.name',
  'tool_choice.tools[].name',
  'input[].name',
  'input[].namespace',
  'input[].tools[].name',
  'input[].tools[].tools[].name',
);

/** platform.claude.com/docs/en/api/messages */
const MESSAGES = parsePaths(
  'tools[].name',
  'tool_choice.name',
  'messages[].content[].name',
  'messages[].content[].tool_name',
  'messages[].content[].content[].tool_name',
);

const PATHS = { chat: CHAT, responses: RESPONSES, messages: MESSAGES } as const;

export type ToolNameFormat = keyof typeof PATHS;

/**
 * Gives the tools of a request names that the vendor takes.
 * @returns null where all names can stay, so that the request is not changed
 */
export function renameTools(
  request: EditableObject,
  language: ToolNameFormat,
  rule: ToolNameRule | null,
): VendorToolNames | null {
  if (!rule) return null;
  const members = PATHS[language].flatMap((path) => findMembers(request, path));
  if (language === 'chat') members.push(...findNamedResults(request));
  const names = VendorToolNames.create(
    members.map(({ value }) => value),
    rule,
  );
  if (!names) return null;
  for (const { holder, member, value } of members) {
    const vendorName = names.getVendorName(value);
    if (vendorName !== value) holder.set(member, vendorName);
  }
  return names;
}

interface NameMember {
  readonly holder: EditableObject;
  readonly member: string;
  readonly value: string;
}

function findMembers(holder: EditableObject, [step, ...rest]: readonly string[]): NameMember[] {
  const member = step!.replace('[]', '');
  if (rest.length === 0) {
    const value = holder.get(member);
    // an empty name is a mistake that the vendor reports
    return typeof value === 'string' && value !== '' ? [{ holder, member, value }] : [];
  }
  if (member !== step) return holder.getObjects(member).flatMap((element) => findMembers(element, rest));
  const inner = holder.getObject(member);
  return inner ? findMembers(inner, rest) : [];
}

function findNamedResults(request: EditableObject): NameMember[] {
  const results = request.getObjects('messages').filter((message) => NAMED_RESULTS.has(message.get('role')));
  return results.flatMap((message) => findMembers(message, ['name']));
}
