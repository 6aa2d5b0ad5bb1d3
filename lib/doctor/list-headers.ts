import { parseUrl } from '../util/parse-url.js';
import { type DoctorFinding, finding } from './finding.js';
import type { MailHeader } from './read-mail.js';

const LIST = 'list-unsubscribe';
const POST = 'list-unsubscribe-post';

/**
 * Examines the headers that let a mail program unsubscribe, and whether they are signed.
 *
 * @param isOfList whether the mail has an unsubscribe link of ours
 */
export function examineListHeaders(
  headers: readonly MailHeader[],
  isOfList: boolean,
): DoctorFinding[] {
  const lists = valuesOf(headers, LIST).map(withoutComments);
  const posts = valuesOf(headers, POST);
  return [
    ...examineForm(lists, posts, isOfList),
    ...examineSignatures(valuesOf(headers, 'dkim-signature'), [
      ...(lists.length > 0 ? [LIST] : []),
      ...(posts.length > 0 ? [POST] : []),
    ]),
  ];
}

function valuesOf(headers: readonly MailHeader[], wanted: string): string[] {
  return headers.filter(({ name }) => name === wanted).map(({ value }) => value);
}

/** RFC 2369 allows comments beside URLs, and RFC 5322 comments in comments. */
function withoutComments(list: string): string {
  let depth = 0;
  const rest = list.replace(/\\[^]|<[^<>]*>|[^]/g, (token) => {
    if (token === '(') depth++;
    const kept = depth === 0 ? token : '';
    if (token === ')' && depth > 0) depth--;
    return kept;
  });
  return depth === 0 ? rest : list;
}

function examineForm(
  lists: readonly string[],
  posts: readonly string[],
  isOfList: boolean,
): DoctorFinding[] {
  const fault = faultOf(lists, posts);
  if (fault !== undefined) return [finding('LIST_UNSUBSCRIBE_MALFORMED', fault)];
  const [list] = lists;
  const missing =
    list === undefined
      ? isOfList && 'no List-Unsubscribe, but an unsubscribe link in the mail'
      : (!/<https:/i.test(list) && 'no https URL in List-Unsubscribe') ||
        (posts.length === 0 && 'no List-Unsubscribe-Post');
  return missing ? [finding('LIST_UNSUBSCRIBE_NOT_ONE_CLICK', missing)] : [];
}

/** RFC 2369, RFC 8058. */
function faultOf(lists: readonly string[], posts: readonly string[]): string | undefined {
  const [list] = lists;
  const [post] = posts;
  if (lists.length > 1) return `${lists.length} headers List-Unsubscribe`;
  if (posts.length > 1) return `${posts.length} headers List-Unsubscribe-Post`;
  if (list === undefined) {
    return post === undefined ? undefined : 'List-Unsubscribe-Post without List-Unsubscribe';
  }
  if (post !== undefined && post.trim() !== 'List-Unsubscribe=One-Click') {
    return 'another value of List-Unsubscribe-Post';
  }
  return faultOfUrls(list);
}

function faultOfUrls(list: string): string | undefined {
  const urls = [...list.matchAll(/<([^<>]*)>/g)].map(([, url]) => url!);
  if (urls.length === 0) return 'a List-Unsubscribe without a URL in angle brackets';
  const between = list.replace(/<[^<>]*>/g, 'U').replace(/\s+/g, '');
  if (!/^U(?:,U)*$/.test(between)) return 'a List-Unsubscribe with more than URLs and commas';
  if (urls.some((url) => url.includes('\n'))) return 'a List-Unsubscribe folded inside a URL';
  if (urls.some((url) => /\s/.test(url))) return 'a List-Unsubscribe with white space in a URL';
  const isUrl = (url: string) => /^(?:https?|mailto):/i.test(url) && parseUrl(url) !== undefined;
  return urls.every(isUrl) ? undefined : 'a List-Unsubscribe with what is no URL';
}

function examineSignatures(
  signatures: readonly string[],
  needed: readonly string[],
): DoctorFinding[] {
  if (signatures.length === 0) return [finding('DKIM_MISSING', 'no DKIM-Signature')];
  const signed = signatures.map(signedBy);
  if (signed.some((names) => needed.every((name) => names.has(name)))) return [];
  const missing = needed.filter((name) => !signed.some((names) => names.has(name)));
  // Each may be in a signature of its own, but both must be in one.
  const what = missing.length > 0 ? missing : needed;
  const count = signatures.length === 1 ? 'one signature' : `${signatures.length} signatures`;
  const seen = `${count}, without ${what.map(nameOf).join(' and ')}`;
  return [finding('DKIM_WITHOUT_LIST_HEADERS', seen)];
}

/** The headers that a signature covers: its `h=`. */
function signedBy(signature: string): ReadonlySet<string> {
  const tag = signature
    .replace(/\s+/g, '')
    .split(';')
    .find((one) => one.startsWith('h='));
  return new Set((tag?.slice(2) ?? '').toLowerCase().split(':'));
}

function nameOf(header: string): string {
  return header === LIST ? 'List-Unsubscribe' : 'List-Unsubscribe-Post';
}
