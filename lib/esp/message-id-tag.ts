/** How a tag starts that holds our own message id. */
const START = 'message_id:';

/**
 * Finds our own message id among the tags: the way home for providers that hand no metadata back.
 *
 * @param tags a list, or one
 * @param theirs the provider's id of the mail, for want of ours
 * @returns the id, and the tags that are left
 */
export function takeMessageIdTag(
  tags: unknown,
  theirs: unknown,
): { messageId: unknown; tags: unknown[] } {
  const all: unknown[] = Array.isArray(tags) ? tags : [tags];
  const own = all.find(isMessageIdTag);
  return own === undefined
    ? { messageId: theirs, tags: all }
    : { messageId: own.slice(START.length), tags: all.filter((tag) => !isMessageIdTag(tag)) };
}

function isMessageIdTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag.startsWith(START) && tag.length > START.length;
}
