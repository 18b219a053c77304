/**
 * How a request's tools are called in Chat, where all of them are functions with flat names: custom tools (free text in)
 * are functions with one member `input`, and tools of a namespace have its name before theirs.
 */

export interface ToolName {
  kind: 'function' | 'custom';
  name: string;
  namespace?: string;
}

/** The longest function name that every vendor takes. */
const MAX_NAME_CHARS = 64;

export class ToolNames {
  private readonly byChatName = new Map<string, ToolName>();

  add(tool: ToolName): string {
    const chatName = chatNameOf(tool.name, tool.namespace);
    this.byChatName.set(chatName, tool);
    return chatName;
  }

  /** As the client knows the tool; a name that is not in its list (a model made it up) is left as it is. */
  original(chatName: string): ToolName {
    return this.byChatName.get(chatName) ?? { kind: 'function', name: chatName };
  }

  isCustom(chatName: string): boolean {
    return this.byChatName.get(chatName)?.kind === 'custom';
  }
}

export function chatNameOf(name: string, namespace?: string): string {
  if (namespace === undefined) return name;
  const whole = namespace.endsWith('_') ? namespace + name : `${namespace}__${name}`;
  if (whole.length <= MAX_NAME_CHARS) return whole;
  const mark = `_${checksum(whole)}`;
  return whole.slice(0, MAX_NAME_CHARS - mark.length) + mark;
}

/** FNV-1a, 32 bits, in base 36: keeps long names apart that begin alike, the same in every turn. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
