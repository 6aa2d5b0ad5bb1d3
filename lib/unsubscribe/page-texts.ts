/**
 * The texts of the unsubscribe page in one language. `{list}`, `{address}` and `{contact}` are
 * replaced.
 */
export interface UnsubscribeTexts {
  /** The heading of the question. */
  ask: string;
  /** What the button does. */
  askText: string;
  /** The button. */
  leave: string;
  /** The button that leaves all lists. */
  leaveAll: string;
  /** The button that stays, and withdraws the consent to be measured; where the app has `./privacy`. */
  stayUnmeasured: string;
  /** How to stay. */
  askNote: string;
  /** The heading for somebody who has left. */
  done: string;
  /** What was left. */
  doneText: string;
  /** That all lists were left. */
  doneAllText: string;
  /** What may still arrive. */
  doneNote: string;
  /** The heading for somebody who stays and is not measured. */
  unmeasured: string;
  /** What is not recorded any more. */
  unmeasuredText: string;
  /** The heading for a wish that was not stored. */
  failed: string;
  /** What to do then. */
  failedText: string;
  /** The button that tries again. */
  retry: string;
  /** The heading for a link that cannot be read. */
  unreadable: string;
  /** What may be wrong with it. */
  unreadableText: string;
  /** Whom to ask, with `unsubscribe.contact`. */
  contactText: string;
  /** Whom to ask, without. */
  noContactText: string;
}

const EN: UnsubscribeTexts = {
  ask: 'Unsubscribe from {list}?',
  askText: 'We will no longer send {list} to {address}.',
  leave: 'Unsubscribe',
  leaveAll: 'Leave all of them',
  stayUnmeasured: 'Stay subscribed, but do not measure me',
  askNote: 'Nothing has changed yet. To stay subscribed, close this page.',
  done: 'You are unsubscribed',
  doneText: 'We no longer send {list} to {address}.',
  doneAllText: 'We no longer send mails of any list to {address}.',
  doneNote: 'A mail that is already on its way may still arrive.',
  unmeasured: 'We no longer measure you',
  unmeasuredText:
    'You still get {list}. We no longer record whether {address} opens our mails or follows their links, also those of mails that you have.',
  failed: 'That did not work',
  failedText: 'We could not save your choice. Please try again in a moment.',
  retry: 'Try again',
  unreadable: 'This link does not work',
  unreadableText: 'It is incomplete or damaged. Please open it again in the mail it came with.',
  contactText: 'If that does not help, contact us: {contact}',
  noContactText: 'If that does not help, reply to the mail.',
};

/** The languages that the page has by itself. */
export const PAGE_TEXTS: Readonly<Record<string, Readonly<UnsubscribeTexts>>> = {
  en: EN,
  de: {
    ask: '{list} abbestellen?',
    askText: 'Wir senden {list} dann nicht mehr an {address}.',
    leave: 'Abbestellen',
    leaveAll: 'Alle abbestellen',
    stayUnmeasured: 'Abonniert bleiben, aber nicht gemessen werden',
    askNote: 'Noch hat sich nichts geändert. Möchten Sie bleiben, schließen Sie diese Seite.',
    done: 'Sie sind abgemeldet',
    doneText: 'Wir senden {list} nicht mehr an {address}.',
    doneAllText: 'Wir senden von keiner Liste mehr Mails an {address}.',
    doneNote: 'Eine Mail, die schon unterwegs ist, kann noch ankommen.',
    unmeasured: 'Sie werden nicht mehr gemessen',
    unmeasuredText:
      'Sie erhalten {list} weiterhin. Wir erfassen nicht mehr, ob {address} unsere Mails öffnet oder ihren Links folgt, auch bei Mails, die Sie schon haben.',
    failed: 'Das hat nicht geklappt',
    failedText: 'Wir konnten Ihre Wahl nicht speichern. Bitte versuchen Sie es gleich noch einmal.',
    retry: 'Noch einmal versuchen',
    unreadable: 'Dieser Link funktioniert nicht',
    unreadableText:
      'Er ist unvollständig oder beschädigt. Bitte öffnen Sie ihn noch einmal in der Mail, aus der er stammt.',
    contactText: 'Wenn das nicht hilft, wenden Sie sich an uns: {contact}',
    noContactText: 'Wenn das nicht hilft, antworten Sie auf die Mail.',
  },
  fr: {
    ask: 'Se désabonner de {list} ?',
    askText: 'Nous n’enverrons plus {list} à {address}.',
    leave: 'Se désabonner',
    leaveAll: 'Se désabonner de toutes les listes',
    stayUnmeasured: 'Rester abonné, mais sans mesure',
    askNote: 'Rien n’a encore changé. Pour rester abonné, fermez cette page.',
    done: 'Vous êtes désabonné',
    doneText: 'Nous n’envoyons plus {list} à {address}.',
    doneAllText: 'Nous n’envoyons plus de messages d’aucune liste à {address}.',
    doneNote: 'Un message déjà en route peut encore arriver.',
    unmeasured: 'Nous ne vous mesurons plus',
    unmeasuredText:
      'Vous recevez toujours {list}. Nous n’enregistrons plus si {address} ouvre nos messages ou suit leurs liens, y compris ceux déjà reçus.',
    failed: 'Cela n’a pas fonctionné',
    failedText: 'Nous n’avons pas pu enregistrer votre choix. Réessayez dans un instant.',
    retry: 'Réessayer',
    unreadable: 'Ce lien ne fonctionne pas',
    unreadableText:
      'Il est incomplet ou endommagé. Ouvrez-le de nouveau dans le message d’origine.',
    contactText: 'Si cela ne suffit pas, contactez-nous : {contact}',
    noContactText: 'Si cela ne suffit pas, répondez au message.',
  },
  es: {
    ask: '¿Darse de baja de {list}?',
    askText: 'Ya no enviaremos {list} a {address}.',
    leave: 'Darse de baja',
    leaveAll: 'Darse de baja de todas',
    stayUnmeasured: 'Seguir suscrito, pero sin que me midan',
    askNote: 'Todavía no ha cambiado nada. Para seguir suscrito, cierre esta página.',
    done: 'Se ha dado de baja',
    doneText: 'Ya no enviamos {list} a {address}.',
    doneAllText: 'Ya no enviamos correos de ninguna lista a {address}.',
    doneNote: 'Un correo que ya está en camino aún puede llegar.',
    unmeasured: 'Ya no le medimos',
    unmeasuredText:
      'Sigue recibiendo {list}. Ya no registramos si {address} abre nuestros correos o sigue sus enlaces, tampoco los de correos que ya tiene.',
    failed: 'No ha funcionado',
    failedText: 'No hemos podido guardar su elección. Inténtelo de nuevo en un momento.',
    retry: 'Intentar de nuevo',
    unreadable: 'Este enlace no funciona',
    unreadableText: 'Está incompleto o dañado. Ábralo de nuevo desde el correo en el que llegó.',
    contactText: 'Si eso no ayuda, póngase en contacto con nosotros: {contact}',
    noContactText: 'Si eso no ayuda, responda al correo.',
  },
  it: {
    ask: 'Annullare l’iscrizione a {list}?',
    askText: 'Non invieremo più {list} a {address}.',
    leave: 'Annulla l’iscrizione',
    leaveAll: 'Annulla tutte le iscrizioni',
    stayUnmeasured: 'Resta iscritto, ma senza essere misurato',
    askNote: 'Non è ancora cambiato nulla. Per restare iscritto, chiuda questa pagina.',
    done: 'L’iscrizione è annullata',
    doneText: 'Non inviamo più {list} a {address}.',
    doneAllText: 'Non inviamo più messaggi di nessuna lista a {address}.',
    doneNote: 'Un messaggio già in viaggio può ancora arrivare.',
    unmeasured: 'Non la misuriamo più',
    unmeasuredText:
      'Riceve ancora {list}. Non registriamo più se {address} apre i nostri messaggi o segue i loro link, compresi quelli già ricevuti.',
    failed: 'Non ha funzionato',
    failedText: 'Non siamo riusciti a salvare la scelta. Riprovi tra poco.',
    retry: 'Riprova',
    unreadable: 'Questo link non funziona',
    unreadableText: 'È incompleto o danneggiato. Lo apra di nuovo dal messaggio in cui è arrivato.',
    contactText: 'Se non basta, ci contatti: {contact}',
    noContactText: 'Se non basta, risponda al messaggio.',
  },
};

/** The names of the texts. */
export const PAGE_TEXT_NAMES: readonly string[] = Object.keys(EN);

/** Texts of the app, by language. */
export type GivenTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** More than any browser sends. */
const MAX_HEADER_LENGTH = 512;
const MAX_LANGUAGES = 20;

/**
 * Chooses the language of the page.
 *
 * @param acceptLanguage the header `Accept-Language`
 * @param given texts of the app: they come before those of the package
 * @returns the language that the reader likes best of those there are, else English
 */
export function chooseTexts(
  acceptLanguage: string | undefined,
  given: GivenTexts = {},
): { language: string; texts: UnsubscribeTexts } {
  const known = new Map<string, string>();
  for (const language of [...Object.keys(PAGE_TEXTS), ...Object.keys(given)]) {
    known.set(language.toLowerCase(), language);
  }
  for (const wanted of languagesOf(acceptLanguage ?? '')) {
    // `de-AT` is served by `de`.
    for (let tag = wanted; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const language = known.get(tag);
      if (language !== undefined) return { language, texts: textsOf(language, given) };
    }
  }
  return { language: 'en', texts: textsOf('en', given) };
}

/** @returns language tags in lower case, the best first */
function languagesOf(header: string): string[] {
  const ranges = header.slice(0, MAX_HEADER_LENGTH).split(',', MAX_LANGUAGES);
  return ranges
    .map((range) => /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=([\d.]+)\s*)?$/i.exec(range))
    .map((match) => ({ tag: match?.[1]?.toLowerCase() ?? '', weight: Number(match?.[2] ?? 1) }))
    .filter(({ tag, weight }) => tag !== '' && weight > 0 && weight <= 1)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

function textsOf(language: string, given: GivenTexts): UnsubscribeTexts {
  const own = Object.keys(given).find((name) => name.toLowerCase() === language.toLowerCase());
  return {
    ...EN,
    ...PAGE_TEXTS[primaryOf(language)],
    ...(own === undefined ? undefined : given[own]),
  };
}

/** Returns true if the page has the language by itself, or the one that it is a variety of. */
export function isKnownLanguage(language: string): boolean {
  return Object.hasOwn(PAGE_TEXTS, primaryOf(language));
}

/** `de` of `de-AT`. */
function primaryOf(language: string): string {
  return language.split('-', 1)[0]!.toLowerCase();
}
