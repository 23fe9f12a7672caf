// The door `wasyncio/timeline`: pictures of a run.

export { toTimelinePage, type TimelinePageOptions } from "./page.ts";
export { type TimelineRace, type TimelineRun } from "./run.ts";
export {
  toTimeline,
  type FlowEvent,
  type MetadataEvent,
  type SliceEvent,
  type TimelineOptions,
  type TimelineTrace,
  type TraceEvent,
} from "./trace.ts";
