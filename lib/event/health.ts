/** How long a server may take to answer when it is asked how it is, in milliseconds. */
export const HEALTH_PATIENCE_MS = 1000;

/** Whether a promise is kept in time. Never rejects. */
export async function answersIn(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What @nestjs/terminus takes for a failed check, in all its versions: known by its members, so
 * that nothing has to be imported.
 */
export class IsDown extends Error {
  readonly isHealthCheckError = true;

  constructor(
    message: string,
    readonly causes: Record<string, object>,
  ) {
    super(message);
  }
}
