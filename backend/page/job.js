// One job, by its address: its state, its events, its curves, its log and its result. What is shown
// is a frozen snapshot, and the next one is made from it and one answer.

import { NotFound, Refused, ask } from "./api.js";
import { Curve } from "./curve.js";
import { GROUPS } from "./curves.js";
import { BEAT, Follow } from "./follow.js";
import { Log } from "./log.js";
import { pace } from "./pace.js";
import { laidOut } from "./payload.js";
import { Result } from "./result.js";
import { OVER, at, badge, count, element, label, percent, runs, say, stamp } from "./words.js";

const PART = 1000;
const POINTS = 800; // of each curve: about as many as a screen has pixels for
const MOST = 2000; // of each curve; after that it is asked for again as a whole

const REHEARSAL = "A rehearsal: the data is read and the flow is walked through. Nothing is trained; the losses are made up.";

const curve = new Curve();

export class JobView {
  #snapshot = Object.freeze({ job: null, seq: 0, points: Object.freeze({}), resumed: Object.freeze([]), group: "loss" });
  #cancelling = false;
  #laidOut = false;
  #path;
  #log;
  #result;

  // What a list knows of the job, if it does, is shown until the answer comes.
  constructor(id, known, outcome, changed) {
    this.id = id;
    this.#path = `jobs/${encodeURIComponent(id)}`;
    this.changed = changed;
    blank(id);
    this.#log = new Log(this.#path);
    this.#result = new Result(this.#path);
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

  // Show other curves.
  choose(group) {
    this.#snapshot = Object.freeze({ ...this.#snapshot, group });
    this.#draw();
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
      for (const name of Object.keys(GROUPS[this.#snapshot.group].curves)) await this.#points(signal, name);
      if (job.engine) await this.#log.look(signal);
      if (job.engine && job.status === "succeeded") await this.#result.look(signal, this.id);
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
      const steps = body.events.filter(({ type }) => type === "sft.job.resumed").map(({ data }) => data.step ?? 0);
      const resumed = steps.length ? Object.freeze([...this.#snapshot.resumed, ...steps]) : this.#snapshot.resumed;
      this.#become(signal, { seq: body.events.at(-1)?.seq ?? seq, resumed });
      if (body.events.length < PART) return;
    }
  }

  async #points(signal, name) {
    const all = this.#snapshot.points[name] ?? [];
    const known = all.length > MOST ? [] : all;
    const after = known.at(-1)?.step ?? -1;
    const { body } = await ask(`${this.#path}/metrics?name=${name}&max_points=${POINTS}&after_step=${after}`, { signal });
    if (signal.aborted || !body.points.length) return;
    const points = Object.freeze({ ...this.#snapshot.points, [name]: [...known, ...body.points] });
    this.#become(signal, { points });
  }

  #become(signal, change) {
    if (signal.aborted) return;
    const before = this.#snapshot;
    this.#snapshot = Object.freeze({ ...before, ...change });
    show(this.#snapshot);
    const { points, resumed } = this.#snapshot;
    if (points !== before.points || resumed !== before.resumed || span(this.#snapshot) !== span(before)) this.#draw();
    this.changed(this.job);
  }

  #draw() {
    const { group, points, resumed } = this.#snapshot;
    curve.show(GROUPS[group], points, span(this.#snapshot), resumed);
  }
}

// How many steps the curve's axis has: of a job that ended early, those that it has done.
function span({ job, points }) {
  if (!job) return 1;
  const last = Math.max(0, ...Object.values(points).map((own) => own.at(-1)?.step ?? 0));
  return (OVER.has(job.status) && last) || job.progress.total_steps;
}

function blank(id) {
  at("missing").hidden = true;
  at("detail").hidden = false; // so that it can have the focus
  for (const name of ["about", "error", "payload", "steps", "elapsed", "rate", "tokens", "left", "mode"]) say(at(name), "");
  say(at("title"), "Loading…");
  say(at("name"), id);
  badge(at("status"), "");
  at("progress").value = 0;
  at("cancel").hidden = true;
  at("values").open = false;
  at("events").replaceChildren();
  at("groups").hidden = true;
  at("groups").querySelector("input").checked = true;
  curve.show(GROUPS.loss, {}, 1, []);
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
  say(at("about"), [job.name === null ? "" : job.model, job.training_type, job.engine ? runs(job) : "", `created ${when(job.created_at)}`].filter(Boolean).join(" · "));
  say(at("name"), job.id);
  badge(at("status"), job.status);
  say(at("mode"), job.mode === "rehearsal" ? REHEARSAL : "");
  at("groups").hidden = !job.engine;
  if (job.error) say(at("error"), `${job.error.code}: ${job.error.message}`);
  say(at("steps"), `Step ${count(job.progress)} · ${percent(job.progress)}`);
  at("progress").max = Math.max(1, job.progress.total_steps);
  at("progress").value = job.progress.step;
  at("progress").dataset.status = job.status;
  const over = OVER.has(job.status);
  if (over && document.activeElement === at("cancel")) at("detail").focus(); // it would be lost
  at("cancel").hidden = over;
  pace(job, points["train.loss"] ?? []);
}

function when(iso) {
  const made = element("time");
  stamp(made, iso);
  return made.textContent;
}

function happened(events) {
  const list = at("events");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 4; // read to the end
  for (const event of events) {
    const item = element("li", undefined, event.type === "sft.job.resumed" ? "resumed" : "");
    const time = element("time");
    stamp(time, event.created_at);
    const words = element("span", event.message, event.level);
    words.append(element("span", [event.type, event.data?.pointer].filter(Boolean).join(" "), "id"));
    item.append(time, words);
    list.append(item);
  }
  if (below && events.length) list.scrollTop = list.scrollHeight;
}
