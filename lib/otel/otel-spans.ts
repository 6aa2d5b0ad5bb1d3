import {
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import type { TracedWork, TrackingSpans } from '../util/spans.js';

const KINDS = { webhook: SpanKind.CLIENT, handler: SpanKind.CONSUMER };

/** Version 00 of https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Makes spans of webhooks and handlers. Each is the root of a trace, and linked to the span of its hit. */
export class OtelSpans implements TrackingSpans {
  constructor(private readonly tracer: Tracer) {}

  capture(): string | undefined {
    const active = trace.getActiveSpan()?.spanContext();
    if (!active || !isSpanContextValid(active)) return undefined;
    const { traceId, spanId, traceFlags } = active;
    // A link to a span that nobody keeps leads nowhere.
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  async run<T>({ kind, links, attributes, work, outcomeOf }: TracedWork<T>): Promise<T> {
    const span = this.tracer.startSpan(
      `email_tracking.${kind}`,
      { kind: KINDS[kind], links: toLinks(links), attributes },
      // Not that of the request which happened to start this.
      ROOT_CONTEXT,
    );
    const inside: Context = trace.setSpan(ROOT_CONTEXT, span);
    try {
      const result = await context.with(inside, work);
      const end = outcomeOf?.(result);
      if (end) span.setAttribute('email_tracking.outcome', end.outcome);
      if (end?.isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      return result;
    } catch (error) {
      // Without the message: what handlers say may name somebody.
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }
}

/** What comes out of the queue may be anything. */
function toLinks(traceparents: readonly (string | undefined)[]): Link[] {
  return [...new Set(traceparents)].flatMap((traceparent) => {
    const linked = toSpanContext(traceparent);
    return linked ? { context: linked } : [];
  });
}

function toSpanContext(traceparent: unknown): SpanContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  const linked = { traceId: traceId!, spanId: spanId!, traceFlags: parseInt(flags!, 16) };
  return isSpanContextValid(linked) ? { ...linked, isRemote: true } : undefined;
}
