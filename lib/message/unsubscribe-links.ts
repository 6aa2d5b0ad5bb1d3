/**
 * How links that end a subscription are told from others, as data. A reader who wants to leave must
 * get there even if the tracking host is down, blocked by a list, or gone for years; and a provider
 * that finds the link wrapped may not recognise it as one.
 *
 * Languages are those in which newsletters are sent most. A word must be one that no other link
 * uses by accident, so `cancel` alone is not in the list.
 */
const WORDS = [
  // English
  'unsubscribe',
  'unsubscribing',
  'opt[ -]?out',
  'stop receiving',
  'no longer (?:wish|want) to receive',
  'remove me from',
  // German
  'abmelden',
  'abbestellen',
  'austragen',
  'abmeldung',
  'abbestellung',
  // French
  'd[eé]sabonne\\p{L}*',
  'd[eé]sinscri\\p{L}*',
  // Spanish and Portuguese
  'dar(?:se|me|te) de baja',
  'cancelar (?:la |mi |tu )?suscripci[oó]n',
  'anular (?:la |mi |tu )?suscripci[oó]n',
  'cancelar (?:a |minha |sua )?(?:inscri[cç][aã]o|assinatura|subscri[cç][aã]o)',
  'descadastr\\p{L}*',
  // Italian
  'disiscri\\p{L}*',
  "annulla(?:re)? l['’]?iscrizione",
  // Dutch
  'afmelden',
  'uitschrijven',
  // Nordic
  'avregistrera',
  'avprenumerera',
  'avsluta prenumeration\\p{L}*',
  'afmeld',
  'frameld',
  'meld (?:deg|meg) av',
  'avmeld\\p{L}*',
  'peruuta tilaus',
  // Slavic
  'wypisz\\p{L}*',
  'anuluj subskrypcj\\p{L}*',
  'odhl[aá]sit',
  'отпис\\p{L}*',
  'відпис\\p{L}*',
  // Turkish, Greek, Hungarian, Romanian
  'abonelikten ç[ıi]k\\p{L}*',
  'διαγραφή',
  'leiratkoz\\p{L}*',
  'dezabon\\p{L}*',
];

/** Languages that write without spaces. */
const SIGNS = [
  '退订',
  '退訂',
  '取消订阅',
  '取消訂閱',
  '配信停止',
  '配信解除',
  '購読解除',
  '수신거부',
  '수신 거부',
  '구독 취소',
];

const TEXT = new RegExp(`(?<!\\p{L})(?:${WORDS.join('|')})(?!\\p{L})|${SIGNS.join('|')}`, 'iu');

/** In a URL words are run together: `/unsubscribe`, `?action=optout`, `unsub.example.com`. */
const URL_PART =
  /unsubscri|(?<![a-z])unsub(?![a-z])|(?<![a-z])opt[-_]?out(?![a-z])|newsletter[-_/]?abmeld|(?<![a-z])abmelden(?![a-z])|(?<![a-z])abbestellen(?![a-z])|desabonne|desinscri|darse[-_]?de[-_]?baja|disiscriv|(?<![a-z])uitschrijven(?![a-z])|(?<![a-z])afmelden(?![a-z])|list-unsub/i;

export function isUnsubscribeText(text: string): boolean {
  return TEXT.test(text);
}

export function isUnsubscribeUrl(url: string): boolean {
  return URL_PART.test(url);
}
