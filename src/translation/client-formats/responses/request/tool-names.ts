/**
 * Maps a request's tools to names in Chat, where all of them are functions with flat names. Custom tools (with free
 * text as input) become functions with one member `input`. Names of tools of a namespace get the namespace as a prefix.
 */

export interface ToolName {
  kind: 'function' | 'custom';
  name: string;
  namespace?: string;
}

export class ToolNames {
  readonly #byChatName = new Map<string, ToolName>();

  add(tool: ToolName): string {
    const chatName = toChatName(tool.name, tool.namespace);
    this.#byChatName.set(chatName, tool);
    return chatName;
  }

  /**
   * Returns the tool's name as the client knows it. A name that is not in its list (a model made it up) is returned
   * unchanged.
   */
  getOriginal(chatName: string): ToolName {
    return this.#byChatName.get(chatName) ?? { kind: 'function', name: chatName };
  }

  isCustom(chatName: string): boolean {
    return this.#byChatName.get(chatName)?.kind === 'custom';
  }
}

/** Returns the flat name. It is replaced for a vendor that refuses it (see `tool-names/vendor-names.ts`). */
export function toChatName(name: string, namespace?: string): string {
  if (namespace === undefined) return name;
  return namespace.endsWith('_') ? namespace + name : `${namespace}__${name}`;
}
