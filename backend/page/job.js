// One job, by its address: its state, its events, its curve. What is shown is a frozen snapshot,
// and the next one is made from it and one answer.

import { NotFound, Refused, ask, now } from "./api.js";
import { CURVES, Curve } from "./curve.js";
import { BEAT, Follow } from "./follow.js";
import { laidOut } from "./payload.js";
import { OVER, at, badge, count, duration, element, label, percent, rate, remaining, say, stamp } from "./words.js";

const PART = 1000;
const POINTS = 800; // of each curve: about as many as a screen has pixels for
const MOST = 2000; // of all curves; after that they are asked for again as a whole
const RECENT = 20; // points that tell the pace

const REHEARSAL = "A rehearsal: the data is read and the flow is walked through. Nothing is trained; the losses are made up.";

const curve = new Curve();

export class JobView {
  #snapshot = Object.freeze({ job: null, seq: 0, points: [] });
  #cancelling = false;
  #laidOut = false;
  #path;

  // What a list knows of the job, if it does, is shown until the answer comes.
  constructor(id, known, outcome, changed) {
    this.id = id;
    this.#path = `jobs/${encodeURIComponent(id)}`;
    this.changed = changed;
    blank(id);
    if (known) {
      this.#snapshot = Object.freeze({ ...this.#snapshot, job: known });
      show(this.#snapshot);
    }
    this.follow = new Follow((signal) => this.#look(signal), outcome);
  }

  get job() {
    return this.#snapshot.job;
  }

  cancel() {
    this.#cancelling = true;
    this.follow.nudge();
  }

  async #look(signal) {
    try {
      if (this.#cancelling) await this.#cancel(signal);
      // The state first: what it tells of is then among the events and the points.
      const { body: job, text } = await ask(this.#path, { signal });
      if (!this.#laidOut && !signal.aborted) say(at("payload"), laidOut(text, "payload"));
      this.#laidOut = true;
      this.#become(signal, { job });
      await this.#events(signal);
      await this.#points(signal);
    } catch (error) {
      if (!(error instanceof NotFound) || signal.aborted) throw error;
      missing(this.id);
      this.changed(null);
      return Infinity;
    }
    return OVER.has(this.job.status) ? Infinity : BEAT;
  }

  async #cancel(signal) {
    this.#cancelling = false;
    say(at("error"), "");
    try {
      await ask(`${this.#path}/cancel`, { signal, method: "POST" });
    } catch (error) {
      if (signal.aborted || error instanceof NotFound) throw error;
      if (!(error instanceof Refused)) throw error; // no answer: it may be cancelled, and is asked
      say(at("error"), `Not cancelled: ${error.message}`);
    }
  }

  async #events(signal) {
    for (;;) {
      const { seq } = this.#snapshot;
      const { body } = await ask(`${this.#path}/events?limit=${PART}&since_seq=${seq}`, { signal });
      if (signal.aborted) return;
      happened(body.events);
      this.#become(signal, { seq: body.events.at(-1)?.seq ?? seq });
      if (body.events.length < PART) return;
    }
  }

  async #points(signal) {
    const known = this.#snapshot.points.length > MOST ? [] : this.#snapshot.points;
    const last = new Map(known.map(({ name, step }) => [name, step]));
    // From the last step on, once more: an evaluation may come later than the step it is of.
    const after = Math.min(...last.values(), Infinity) - 1;
    const query = `max_points=${POINTS}&after_step=${last.size ? Math.max(after, -1) : -1}`;
    const { body } = await ask(`${this.#path}/metrics?${query}`, { signal });
    if (signal.aborted) return;
    const fresh = body.points.filter(({ name, step }) => name in CURVES && step > (last.get(name) ?? -1));
    const points = [...known, ...fresh].sort((one, other) => one.step - other.step);
    if (fresh.length) this.#become(signal, { points });
  }

  #become(signal, change) {
    if (signal.aborted) return;
    const before = this.#snapshot;
    this.#snapshot = Object.freeze({ ...before, ...change });
    show(this.#snapshot);
    if (this.#snapshot.points !== before.points || span(this.#snapshot) !== span(before)) {
      curve.show(this.#snapshot.points, span(this.#snapshot));
    }
    this.changed(this.job);
  }
}

// How many steps the curve's axis has: of a job that ended early, those that it has done.
function span({ job, points }) {
  if (!job) return 1;
  return (OVER.has(job.status) && points.at(-1)?.step) || job.progress.total_steps;
}

function blank(id) {
  at("missing").hidden = true;
  at("detail").hidden = false; // so that it can have the focus
  for (const name of ["about", "error", "payload", "steps", "elapsed", "rate", "left", "mode"]) say(at(name), "");
  say(at("title"), "Loading…");
  say(at("name"), id);
  badge(at("status"), "");
  at("progress").value = 0;
  at("cancel").hidden = true;
  at("values").open = false;
  at("events").replaceChildren();
  curve.show([], 1);
  if (at("confirm").open) at("confirm").close();
}

function missing(id) {
  const focused = at("detail").contains(document.activeElement);
  at("detail").hidden = true;
  at("missing").hidden = false;
  if (focused) at("missing").focus();
  say(at("missing-id"), id);
}

function show({ job, points }) {
  at("missing").hidden = true;
  at("detail").hidden = false;
  say(at("title"), label(job));
  say(at("about"), [job.name === null ? "" : job.model, job.training_type, `created ${when(job.created_at)}`].filter(Boolean).join(" · "));
  say(at("name"), job.id);
  badge(at("status"), job.status);
  say(at("mode"), job.mode === "rehearsal" ? REHEARSAL : job.mode);
  if (job.error) say(at("error"), `${job.error.code}: ${job.error.message}`);
  say(at("steps"), `Step ${count(job.progress)} · ${percent(job.progress)}`);
  at("progress").max = Math.max(1, job.progress.total_steps);
  at("progress").value = job.progress.step;
  at("progress").dataset.status = job.status;
  const over = OVER.has(job.status);
  if (over && document.activeElement === at("cancel")) at("detail").focus(); // it would be lost
  at("cancel").hidden = over;
  pace(job, points);
}

function when(iso) {
  const made = element("time");
  stamp(made, iso);
  return made.textContent;
}

function pace(job, points) {
  const over = job.finished_at !== null;
  const end = over ? Date.parse(job.finished_at) : now();
  const begun = Date.parse(job.started_at);
  say(at("elapsed"), job.started_at ? over ? `took ${duration((end - begun) / 1000)}` : `${duration((end - begun) / 1000)} elapsed` : "");
  const each = job.started_at && job.progress.step ? millisecondsAStep(job, points, end - begun) : 0;
  say(at("rate"), each > 0 ? rate(1000 / each) : "");
  const left = job.status === "running" && each > 0;
  if (!left) return say(at("left"), "");
  const finish = (points.at(-1) ? Date.parse(points.at(-1).created_at) : end) + each * (job.progress.total_steps - (points.at(-1)?.step ?? job.progress.step));
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

function happened(events) {
  const list = at("events");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 4; // read to the end
  for (const event of events) {
    const item = element("li");
    const time = element("time");
    stamp(time, event.created_at);
    const words = element("span", event.message, event.level);
    words.append(element("span", event.type, "id"));
    item.append(time, words);
    list.append(item);
  }
  if (below && events.length) list.scrollTop = list.scrollHeight;
}
