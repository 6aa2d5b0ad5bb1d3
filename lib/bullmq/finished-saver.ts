import type { FinishedEvents } from './finished-events.js';

const SAVE_AFTER = 25;
const SAVE_AFTER_MS = 100;

/** Saves what is finished while a batch goes on, a few ids at a time. */
export class FinishedSaver {
  private ids: string[] = [];
  private saving: Promise<void> = Promise.resolve();
  private savedAt = performance.now();

  constructor(private readonly finished: FinishedEvents) {}

  add(id: string): void {
    this.ids.push(id);
    const isDue = performance.now() - this.savedAt >= SAVE_AFTER_MS;
    if (isDue || this.ids.length >= SAVE_AFTER) this.save();
  }

  /** @throws if something could not be saved */
  async end(): Promise<void> {
    this.save();
    await this.saving;
  }

  private save(): void {
    const { ids } = this;
    if (ids.length === 0) return;
    this.ids = [];
    this.savedAt = performance.now();
    const saving = this.saving.then(() => this.finished.add(ids));
    // The caller that waits for the end gets the error; until then it must not be an unhandled
    // rejection.
    saving.catch(() => undefined);
    this.saving = saving;
  }
}
