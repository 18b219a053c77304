/**
 * How a request's tools are called in Chat, where all of them are functions with flat names: custom tools (free text in)
 * are functions with one member `input`, and tools of a namespace have its name before theirs.
 */

export interface ToolName {
  kind: 'function' | 'custom';
  name: string;
  namespace?: string;
}

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

/** A vendor that refuses the name gets another (see `vendor-tool-names.ts`). */
export function chatNameOf(name: string, namespace?: string): string {
  if (namespace === undefined) return name;
  return namespace.endsWith('_') ? namespace + name : `${namespace}__${name}`;
}
