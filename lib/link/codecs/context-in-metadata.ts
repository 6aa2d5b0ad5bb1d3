import type { LinkPayload, Metadata } from '../link-payload.js';

/**
 * Formats that have no room for a message id, a recipient or tags carry them inside the metadata,
 * where programs in Python find them too. The caller's own keys come first, and win.
 */
export function withContext(
  metadata: Metadata,
  { messageId, recipient, tags }: LinkPayload,
): Metadata {
  if (messageId === undefined && recipient === undefined && tags === undefined) return metadata;
  const context: Metadata = {};
  if (messageId !== undefined) context.message_id = messageId;
  if (recipient !== undefined) context.recipient = recipient;
  if (tags !== undefined && tags.length > 0) context.tags = tags;
  return { ...metadata, ...context, ...metadata };
}

/**
 * What {@link withContext} put there, as far as it has the right types. It stays in the metadata as
 * well: a reader that knows only metadata still finds it.
 */
export function contextIn(metadata: Metadata): LinkPayload {
  const { message_id: messageId, recipient, tags } = metadata;
  const context: LinkPayload = {};
  if (typeof messageId === 'string') context.messageId = messageId;
  if (typeof recipient === 'string') context.recipient = recipient;
  if (isStrings(tags)) context.tags = [...tags];
  return context;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
