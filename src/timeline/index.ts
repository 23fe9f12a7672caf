// The door `wasyncio/timeline`: pictures of a simulation's log.

export { toTimelinePage, type TimelinePageOptions } from "./page.ts";
export {
  toTimeline,
  type FlowEvent,
  type MetadataEvent,
  type SliceEvent,
  type TimelineOptions,
  type TimelineTrace,
  type TraceEvent,
} from "./trace.ts";
