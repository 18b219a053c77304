import type { EditableObject } from '../../../../providers/json/editable-object.js';
import { isWithoutEffect } from '../../../pivot/unknown-members.js';

/**
 * Deletes a member that the vendor refuses. Adds `path` to `dropped`, unless the value is a default.
 * @param isDefault whether a value requests what the vendor does without the member
 */
export function dropMember(
  object: EditableObject,
  name: string,
  path: string,
  dropped: Set<string>,
  isDefault: (value: unknown) => boolean = () => false,
): void {
  if (!object.has(name)) return;
  const value = object.get(name);
  if (!isWithoutEffect(value) && !isDefault(value)) dropped.add(path);
  object.delete(name);
}

export function dropOthers(
  object: EditableObject,
  known: ReadonlySet<string>,
  prefix: string,
  dropped: Set<string>,
  alsoKnown?: string,
): void {
  for (const name of object.listNames())
    if (!known.has(name) && name !== alsoKnown) dropMember(object, name, prefix + name, dropped);
}
