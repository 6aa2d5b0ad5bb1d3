import { TRACKING_CHANNELS } from 'nestjs-email-tracking';

type Name = keyof typeof TRACKING_CHANNELS;

/** Collects the messages of all channels, without their durations, which are checked to be times. */
export class ChannelMessages {
  private readonly all: { channel: Name; message: Record<string, unknown> }[] = [];
  private readonly stops: (() => void)[] = [];

  constructor(private readonly onMessage: (channel: Name) => void = () => undefined) {
    for (const name of Object.keys(TRACKING_CHANNELS) as Name[]) {
      const listener = (message: object) => {
        this.all.push({ channel: name, message: { ...message } });
        this.onMessage(name);
      };
      TRACKING_CHANNELS[name].subscribe(listener);
      this.stops.push(() => TRACKING_CHANNELS[name].unsubscribe(listener));
    }
  }

  /** Takes out what was published on a channel until now. */
  take(channel: Name): Record<string, unknown>[] {
    const taken = this.all.filter((each) => each.channel === channel);
    for (const each of taken) this.all.splice(this.all.indexOf(each), 1);
    return taken.map(({ message: { duration, ...others } }) => {
      if (duration !== null && !((duration as number) >= 0)) throw new Error('no duration');
      return others;
    });
  }

  /** All that was published, each once and without its duration, as JSON. */
  get text(): string {
    const texts = this.all.map(({ channel, message }) =>
      JSON.stringify({ channel, ...message, duration: undefined }),
    );
    return `[${[...new Set(texts)].join()}]`;
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }
}
