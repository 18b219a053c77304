/** What AWS demands of a conversation as a whole, which differs by model family: see `bedrock-rules.ts`. */
import type { ConversationRules } from './bedrock-rules.js';
import type { ContentBlock, Turn } from './bedrock-wire.js';

export interface Conversation {
  system: ContentBlock[];
  messages: Turn[];
}

/** Turns that keep the two sides alternating where AWS wants blocks apart that one side sent together. */
const FILLERS = {
  /** Before a conversation that the assistant begins. */
  opening: 'Hello.',
  /** Between tool results and what the user adds to them. */
  resultsSeen: 'I have the results.',
  /** Between what the assistant says and the tools that it calls. */
  goOn: 'Go on.',
};

/** A conversation in which no message says anything stays empty, which AWS refuses. */
export function arranged(conversation: Conversation, rules: ConversationRules): Conversation {
  const { system, messages } = withInstructionsInPlace(conversation, rules);
  const turns = messages.flatMap((turn) => splitTurn(turn, rules));
  const [first] = turns;
  if (first?.role === 'assistant' && !rules.mayBeginWithAssistant) turns.unshift(said('user', FILLERS.opening));
  for (const turn of turns) describeDocuments(turn);
  trimEnd(turns.at(-1));
  return { system, messages: turns };
}

/** Instructions alone are what is asked; where the model takes no `system`, they precede what the user says first. */
function withInstructionsInPlace({ system, messages }: Conversation, rules: ConversationRules): Conversation {
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
    said('assistant', FILLERS.resultsSeen),
    { role: 'user', content: others },
  ];
}

/** A cache point belongs to the block before it. */
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

/** These models refuse calls in one turn with text as well; a text that follows its calls would part them from the results. */
function splitCalls({ content }: Turn): Turn[] {
  const calls = content.filter(({ toolUse }) => toolUse);
  const others = content.filter(({ toolUse }) => !toolUse);
  if (calls.length === 0 || others.length === 0) return [{ role: 'assistant', content: [...content] }];
  return [{ role: 'assistant', content: others }, said('user', FILLERS.goOn), { role: 'assistant', content: calls }];
}

/** AWS wants a text beside documents. */
function describeDocuments({ role, content }: Turn): void {
  const documents = content.filter(({ document }) => document).length;
  if (role !== 'user' || documents === 0 || content.some(({ text }) => text)) return;
  content.push({ text: documents > 1 ? 'See the documents.' : 'See the document.' });
}

/** AWS refuses white space at the end of a response that is begun for the model. */
function trimEnd(last: Turn | undefined): void {
  const end = last?.role === 'assistant' ? last.content.at(-1) : undefined;
  if (end?.text !== undefined) end.text = end.text.trimEnd();
}

const said = (role: Turn['role'], text: string): Turn => ({ role, content: [{ text }] });
