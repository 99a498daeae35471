// Numbers, times and states as people read them, and the elements that they stand in.

export const OVER = new Set(["succeeded", "failed", "cancelled"]);
const SIGNS = { created: "○", queued: "○", running: "●", succeeded: "✓", failed: "✕", cancelled: "⊘" };

export const at = (id) => document.getElementById(id);
export const number = (value) => value.toLocaleString("en");
export const label = (job) => job.name ?? job.model;

export function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// A live region speaks on change, and a selection in a text outlives none.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function badge(node, status, more = "") {
  say(node, status + more);
  node.dataset.status = status;
}

export const percent = ({ step, total_steps: total }) => `${Math.floor((100 * step) / Math.max(1, total))} %`;

export const count = ({ step, total_steps: total }) => `${number(step)} / ${number(total)}`;

export function moment(iso) {
  const date = new Date(iso);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (date.toDateString() === new Date().toDateString()) {
    return date.toLocaleTimeString("en-GB", { ...clock, second: "2-digit" });
  }
  const day = { day: "numeric", month: "short" };
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return date.toLocaleString("en-GB", { ...day, ...year, ...clock });
}

const exact = (iso) => new Date(iso).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });

export function stamp(node, iso) {
  say(node, moment(iso));
  node.dateTime = iso;
  node.title = exact(iso);
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${number(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

export function remaining(seconds) {
  if (seconds < 10) return "a few seconds left";
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} s left`;
  if (seconds < 59.5 * 60) return `about ${Math.round(seconds / 60)} min left`;
  if (seconds < 36 * 3600) return `about ${Math.round(seconds / 3600)} h left`;
  return `about ${number(Math.round(seconds / 86400))} days left`;
}

export function rate(perSecond) {
  const rounded = Number(perSecond.toPrecision(2));
  if (rounded >= 1) return `${number(rounded)} ${rounded === 1 ? "step" : "steps"}/s`;
  if (perSecond > 0.1) return `${(1 / perSecond).toFixed(1)} s per step`;
  return `${duration(1 / perSecond)} per step`;
}

// Bytes, as disks and downloads count them.
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${number(value < 100 ? Number(value.toPrecision(3)) : Math.round(value))} ${units[power]}`;
}

// What runs a job, and where.
export const runs = ({ mode, engine, engine_job: id }) => (engine ? `${mode} (${engine}${id ? ` ${id}` : ""})` : mode);

export function tabTitle(job) {
  const state = job.status === "running" ? percent(job.progress) : job.status;
  return `${SIGNS[job.status]} ${state} ${label(job)} – sftc`;
}
