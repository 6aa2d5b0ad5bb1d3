/** What is used of Fastify's instance. */
export interface FastifyRoutes {
  addConstraintStrategy(strategy: object): void;
  hasConstraintStrategy(name: string): boolean;
  route(route: object): unknown;
}

/** What Fastify says about a route that was added. */
export interface AddedRoute {
  url: string;
  method: unknown;
  handler: unknown;
  config?: object;
  constraints?: object;
}

/** What is used of a request before it is routed. */
interface RawRequest {
  url?: string;
}

/** The router makes code of the name, so it has to be an identifier. */
const MARK = 'trackingSpelling';

/**
 * Returns a test for other spellings of a path: Express ignores the case, Fastify undoes escapes, and
 * neither of them drops slashes. Readers get the same answer from both.
 *
 * @param path without slashes at its ends
 */
function otherSpelling(path: string): (url: string) => number {
  const spelling = path
    .split('/')
    .map((segment) => segment.replace(/./gsu, spellingsOf))
    .join('/+');
  const pattern = new RegExp(`^/+${spelling}/+(?=[^/])`, 'i');
  const canonical = `/${path}/`;
  return (url) => (url.startsWith(canonical) ? 0 : (pattern.exec(url)?.[0].length ?? 0));
}

/** A character as it is, or as an escape in either case of the letter. */
function spellingsOf(character: string): string {
  const literal = character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  if (!/^[\w.~-]$/.test(character)) return literal;
  const escapes = [character.toLowerCase(), character.toUpperCase()].map(
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return `(?:${[literal, ...escapes].join('|')})`;
}

/** Middleware for Express that routes other spellings of a path to it. */
export function respell(path: string) {
  const lengthOf = otherSpelling(path);
  return (request: RawRequest, _response: unknown, next: () => void): void => {
    const length = lengthOf(request.url ?? '');
    if (length > 0) request.url = `/${path}/${request.url!.slice(length)}`;
    next();
  };
}

/** Whether a route was added by {@link addSpellings}. */
export function isRespelled(added: AddedRoute): boolean {
  return Object.keys(added.constraints ?? {}).some((name) => name.startsWith(MARK));
}

/** Adds a route to Fastify that answers at other spellings of a wildcard route. */
export function addSpellings(app: FastifyRoutes, added: AddedRoute): void {
  const path = added.url.replace(/^\/|\/\*$/g, '');
  if (path === '' || path === '*') return;
  const name = MARK + Buffer.from(path).toString('hex');
  if (!app.hasConstraintStrategy(name)) {
    const lengthOf = otherSpelling(path);
    app.addConstraintStrategy({
      name,
      storage: () => new Map(),
      deriveConstraint: ({ url = '' }: RawRequest) => (lengthOf(url) > 0 ? true : undefined),
      validate: () => undefined,
    });
  }
  const { method, handler, config, constraints } = added;
  app.route({ method, handler, config, url: '/*', constraints: { ...constraints, [name]: true } });
}
