// The list of jobs: the newest part again and again, the older parts that were loaded in turn.

import { ask } from "./api.js";
import { BEAT, Follow } from "./follow.js";
import { at, badge, count, element, label, number, percent, runs, say, stamp } from "./words.js";

const PART = 100;
const DEBOUNCE = 200; // milliseconds

const EMPTY = Object.freeze({ jobs: [], next: null, total: null });

// Returns a list with an answer in the place of what it had there. Both are in one order, so the
// answer replaces all from the job before it to its own last job.
export function merged(list, before, answer) {
  const start = before === null ? 0 : list.jobs.findIndex((job) => job.id === before) + 1;
  const last = answer.jobs.at(-1)?.id;
  let end = list.jobs.findIndex((job) => job.id === last) + 1;
  // The answer has nothing in common with what is below: that may be far away, and is let go.
  if (answer.next === null || end <= start) end = list.jobs.length;
  const whole = end === list.jobs.length;
  const jobs = [...list.jobs.slice(0, start), ...answer.jobs, ...list.jobs.slice(end)];
  return Object.freeze({ jobs, next: whole ? answer.next : list.next, total: answer.total });
}

export class List {
  #list = EMPTY;
  #query = {};
  #turn = 0;
  #older = false;
  #shown = new Map(); // what each row shows, as text to compare
  #current = null;
  #follow;

  constructor(outcome, changed) {
    this.outcome = outcome;
    this.changed = changed;
    this.#restart();
  }

  nudge() {
    this.#follow.nudge();
  }

  leave() {
    this.#follow.leave();
    at("jobs").replaceChildren();
    say(at("count"), "");
    at("none").hidden = at("older").hidden = true;
  }

  older() {
    this.#older = true;
    this.#follow.nudge();
  }

  ask(query) {
    this.#query = query;
    this.#restart();
  }

  // Returns what is known of a job, or nothing.
  summary(id) {
    return this.#list.jobs.find((job) => job.id === id);
  }

  // Mark the job that the other view shows.
  mark(id) {
    this.#current = id;
    for (const item of at("jobs").children) {
      if (item.dataset.id === id) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
    }
  }

  #restart() {
    this.#follow?.leave();
    this.#list = EMPTY;
    this.#turn = 0;
    this.#older = false;
    this.#follow = new Follow((signal) => this.#look(signal), this.outcome);
  }

  async #look(signal) {
    const older = this.#older && this.#list.next !== null;
    this.#older = false;
    const before = older ? this.#list.next : this.#due();
    const query = new URLSearchParams({ limit: PART, ...this.#query });
    if (before !== null) query.set("before", before);
    const { body } = await ask(`jobs?${query}`, { signal });
    if (signal.aborted) return BEAT;
    this.#list = merged(this.#list, before, body);
    this.#show();
    return BEAT;
  }

  // Returns before which job to ask: each other time for the newest, else for an older part.
  #due() {
    this.#turn += 1;
    const parts = Math.ceil(this.#list.jobs.length / PART);
    if (this.#turn % 2 || parts < 2) return null;
    return this.#list.jobs[(1 + ((this.#turn / 2) % (parts - 1))) * PART - 1].id;
  }

  #show() {
    const { jobs, next, total } = this.#list;
    const asked = Object.keys(this.#query).length > 0;
    say(at("count"), `${number(total)} ${asked ? (total === 1 ? "match" : "matches") : total === 1 ? "job" : "jobs"}`);
    at("none").hidden = jobs.length > 0;
    say(at("none"), asked ? "No job matches." : "No job yet: sftc submit job.json --follow makes one.");
    at("older").hidden = next === null;
    say(at("older"), `Load older jobs (${number(jobs.length)} of ${number(total)} shown)`);
    this.#arrange(jobs);
    this.mark(this.#current);
    this.changed(jobs, asked);
  }

  #arrange(jobs) {
    const rows = new Map([...at("jobs").children].map((item) => [item.dataset.id, item]));
    const wanted = new Set(jobs.map((job) => job.id));
    for (const [id, item] of rows) {
      if (wanted.has(id)) continue;
      this.#shown.delete(id);
      item.remove();
    }
    let place = at("jobs").firstElementChild;
    for (const job of jobs) {
      const item = rows.get(job.id) ?? row(job.id);
      this.#fill(item, job);
      // Moved only when it has to be, so that the focus stays where it is.
      if (item === place) place = place.nextElementSibling;
      else at("jobs").insertBefore(item, place);
    }
  }

  #fill(item, job) {
    const text = JSON.stringify(job);
    if (item.firstChild.hasChildNodes() && this.#shown.get(job.id) === text) return;
    this.#shown.set(job.id, text);
    if (!item.firstChild.hasChildNodes()) {
      item.firstChild.append(element("strong"), element("span", "", "badge"), element("small"), element("time"));
    }
    const [title, status, about, when] = item.firstChild.children;
    say(title, label(job));
    badge(status, job.status, job.status === "running" ? ` ${percent(job.progress)}` : "");
    say(about, job.name === null ? job.id : job.model);
    item.firstChild.title = `${label(job)}\n${job.model}\n${job.id}\n${runs(job)}\nStep ${count(job.progress)}`;
    stamp(when, job.created_at);
  }
}

function row(id) {
  const item = element("li");
  item.dataset.id = id;
  const link = element("a");
  link.href = `#${encodeURIComponent(id)}`;
  item.append(link);
  return item;
}

// Put what a person types and chooses to the list of the moment.
export function controls(list) {
  let timer = 0;
  const asked = () => {
    clearTimeout(timer);
    const query = { search: at("search").value.trim(), status: at("filter").value };
    list()?.ask(Object.fromEntries(Object.entries(query).filter(([, value]) => value)));
  };
  at("search").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(asked, DEBOUNCE);
  });
  at("filter").addEventListener("change", asked);
  at("older").addEventListener("click", () => list()?.older());
  at("jobs").addEventListener("keydown", (event) => {
    const way = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const item = way && event.target.closest("li")?.[way];
    if (!item) return;
    event.preventDefault();
    item.firstChild.focus();
  });
}
