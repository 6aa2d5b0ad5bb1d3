/** Returns a Message-ID without its brackets: providers and programs write it with and without. */
export function bareMessageId(messageId: string): string {
  return messageId.startsWith('<') && messageId.endsWith('>') ? messageId.slice(1, -1) : messageId;
}
