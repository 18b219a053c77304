/** Arranges a conversation to meet AWS's requirements, which differ by model family: see `conversation-rules.ts`. */
import type { ConversationRules } from '../conversation-rules.js';
import type { ContentBlock, Turn } from '../wire.js';

export interface Conversation {
  system: ContentBlock[];
  messages: Turn[];
}

/** Turns that keep the two sides alternating when AWS requires blocks of one side in separate turns. */
const FILLERS = {
  /** Precedes a conversation that begins with an assistant turn. */
  opening: 'Hello.',
  /** Separates tool results from the user's other content. */
  resultsSeen: 'I have the results.',
  /** Separates the assistant's text from its tool calls. */
  goOn: 'Go on.',
};

/** Arranges a conversation. One without content stays empty, which AWS refuses. */
export function arrangeConversation(conversation: Conversation, rules: ConversationRules): Conversation {
  const { system, messages } = inlineInstructions(conversation, rules);
  const turns = messages.flatMap((turn) => splitTurn(turn, rules));
  const [first] = turns;
  if (first?.role === 'assistant' && !rules.mayBeginWithAssistant) turns.unshift(createTurn('user', FILLERS.opening));
  for (const turn of turns) describeDocuments(turn);
  trimEnd(turns.at(-1));
  return { system, messages: turns };
}

/**
 * Puts instructions in a user turn if they are the only messages, or if the model does not accept `system`; they then
 * precede the first user content.
 */
function inlineInstructions({ system, messages }: Conversation, rules: ConversationRules): Conversation {
  if (system.length === 0 || (rules.takesSystem && messages.length > 0)) return { system, messages };
  const [first, ...others] = messages;
  if (first?.role !== 'user') return { system: [], messages: [{ role: 'user', content: system }, ...messages] };
  return { system: [], messages: [{ role: 'user', content: [...system, ...first.content] }, ...others] };
}

function splitTurn(turn: Turn, { besideResults }: ConversationRules): Turn[] {
  if (besideResults === 'everything') return [turn];
  if (turn.role === 'assistant') return besideResults === 'nothing' ? splitCalls(turn) : [turn];
  const { results, others } = splitResults(turn.content);
  if (results.length === 0 || others.length === 0) return [turn];
  if (besideResults === 'noDocuments' && !others.some(({ document }) => document)) return [turn];
  return [
    { role: 'user', content: results },
    createTurn('assistant', FILLERS.resultsSeen),
    { role: 'user', content: others },
  ];
}

/** Separates results from other blocks. A cache point belongs to the block before it. */
function splitResults(content: readonly ContentBlock[]): { results: ContentBlock[]; others: ContentBlock[] } {
  const results: ContentBlock[] = [];
  const others: ContentBlock[] = [];
  let last = others;
  for (const block of content) {
    if (!block.cachePoint) last = block.toolResult ? results : others;
    last.push(block);
  }
  return { results, others };
}

/**
 * Separates calls from text, as these models refuse both in one turn. Text comes first: after the calls, it would
 * separate them from their results.
 */
function splitCalls({ content }: Turn): Turn[] {
  const calls = content.filter(({ toolUse }) => toolUse);
  const others = content.filter(({ toolUse }) => !toolUse);
  if (calls.length === 0 || others.length === 0) return [{ role: 'assistant', content: [...content] }];
  return [
    { role: 'assistant', content: others },
    createTurn('user', FILLERS.goOn),
    { role: 'assistant', content: calls },
  ];
}

/** Adds a text to documents, as AWS requires one. */
function describeDocuments({ role, content }: Turn): void {
  const documents = content.filter(({ document }) => document).length;
  if (role !== 'user' || documents === 0 || content.some(({ text }) => text)) return;
  content.push({ text: documents > 1 ? 'See the documents.' : 'See the document.' });
}

/** Trims the end of an assistant turn to be continued: AWS refuses white space there. */
function trimEnd(last: Turn | undefined): void {
  const end = last?.role === 'assistant' ? last.content.at(-1) : undefined;
  if (end?.text !== undefined) end.text = end.text.trimEnd();
}

const createTurn = (role: Turn['role'], text: string): Turn => ({ role, content: [{ text }] });
