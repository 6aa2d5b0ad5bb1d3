/** What the register should answer, kept as lists of all that was said. */
export class NaiveRegister {
  private said: { at: number; opens: string | null; clicks: string | null; what: string }[] = [];
  private erasedAt: number | undefined;

  say(what: string, opens: string | null, clicks: string | null, now: number, at?: number): void {
    const latest = Math.max(now, ...this.said.map((one) => one.at));
    this.said.push({ at: at ?? latest, opens, clicks, what });
    // A sort keeps the order of what has one time.
    this.said.sort((one, other) => one.at - other.at);
  }

  erase(now: number): void {
    this.said = [];
    this.erasedAt = now;
  }

  get modes(): [opens: string | null, clicks: string | null] {
    return [
      this.said.findLast(({ opens }) => opens !== null)?.opens ?? null,
      this.said.findLast(({ clicks }) => clicks !== null)?.clicks ?? null,
    ];
  }

  get history(): { at: Date; opens: string | null; clicks: string | null; what: string }[] {
    return this.said.map(({ at, ...rest }) => ({ ...rest, at: new Date(at) }));
  }

  isErased(sentAt: number | null): boolean {
    if (this.erasedAt === undefined) return false;
    const secondOf = (time: number) => Math.floor(time / 1000);
    return sentAt === null || secondOf(sentAt) <= secondOf(this.erasedAt);
  }
}
