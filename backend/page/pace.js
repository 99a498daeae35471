// How fast a job goes and how long it takes yet: by what the server measured, or by the curve.

import { now } from "./api.js";
import { at, duration, number, rate, remaining, say, stamp } from "./words.js";

const RECENT = 20; // points that tell the pace

// Show it of a job with the points of one of its curves.
export function pace(job, points) {
  const over = job.finished_at !== null;
  const end = over ? Date.parse(job.finished_at) : now();
  const begun = Date.parse(job.started_at);
  say(at("elapsed"), job.started_at ? over ? `took ${duration((end - begun) / 1000)}` : `${duration((end - begun) / 1000)} elapsed` : "");
  const { seconds_per_step: measured, tokens_per_second: tokens } = job.throughput ?? {};
  const counted = () => (job.started_at && job.progress.step ? millisecondsAStep(job, points, end - begun) : 0);
  const each = measured > 0 ? measured * 1000 : counted();
  say(at("rate"), each > 0 ? rate(1000 / each) : "");
  say(at("tokens"), tokens > 0 ? `${number(Math.round(tokens))} tokens/s` : "");
  if (job.status !== "running" || !(each > 0)) return say(at("left"), "");
  const last = points.at(-1);
  const finish = (last ? Date.parse(last.created_at) : end) + each * (job.progress.total_steps - (last?.step ?? job.progress.step));
  stamp(at("left"), new Date(Math.max(finish, now())).toISOString());
  say(at("left"), remaining((finish - now()) / 1000));
}

// By the last points, since a job may have been interrupted; over all of its time without them.
function millisecondsAStep(job, points, elapsed) {
  const [first, last] = [points.at(-RECENT) ?? points[0], points.at(-1)];
  const took = last ? Date.parse(last.created_at) - Date.parse(first.created_at) : 0;
  if (job.finished_at === null && took > 0 && last.step > first.step) return took / (last.step - first.step);
  return elapsed / job.progress.step;
}
