import { parseMarked, writeJson } from '../../../providers/json/exact.js';
import { decodeFrame, encodeFrame } from '../../../providers/wire/event-stream.js';

type Members = Record<string, unknown>;

/** A frame, and the name of its event. */
export interface Frame {
  readonly bytes: Buffer;
  readonly name: string;
}

/** Name of an event whose payload contains, in base64, an event of the model's vendor. */
export const WRAPPED = 'chunk';

/** Returns a frame, and its event as a reader sees it; null if the frame is not an event. */
export function readFrame(bytes: Buffer): { frame: Frame; event: Members | null } {
  const { kind, name, payload } = decodeFrame(bytes);
  const members = kind === 'event' ? parseMembers(payload) : null;
  return { frame: { bytes, name }, event: members && unwrapEvent(name, members) };
}

/** Returns Converse's event under its name, and a wrapped one as its vendor sent it. */
function unwrapEvent(name: string, members: Members): Members | null {
  if (name !== WRAPPED) return { [name]: members };
  return typeof members['bytes'] === 'string' ? parseMembers(Buffer.from(members['bytes'], 'base64')) : members;
}

export function writeFrame(event: Members, { name }: Frame): Frame {
  const payload = name === WRAPPED ? { bytes: Buffer.from(writeJson(event)).toString('base64') } : event[name];
  return { name, bytes: encodeFrame('event', name, payload) };
}

function parseMembers(bytes: Buffer): Members | null {
  try {
    const value = parseMarked(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Members) : null;
  } catch {
    return null;
  }
}
