// The jobs of one key, live: the list, and of one job the payload, the events, the curve.
// Everything that comes from a server's answer is put in as text, never as markup.

import { draw } from "./curve.js";

const KEY = "sftc-key";
const OVER = new Set(["succeeded", "failed", "cancelled"]);
const BEAT = 1000; // milliseconds between two looks

const at = (id) => document.getElementById(id);
const time = (iso) => new Date(iso).toLocaleTimeString([], { hour12: false });

let shown = null; // the job that is shown: {id, seq, step, points, over}
let timer = 0;

class Unauthorised extends Error {}

async function ask(path, method = "GET") {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` };
  const answer = await fetch(`api/learning/${path}`, { method, headers });
  if (answer.status === 401) throw new Unauthorised();
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error.message);
  return body;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function say(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text; // a live region speaks on change
}

function badge(node, status) {
  if (node.textContent === status) return;
  node.textContent = status;
  node.className = `badge ${status}`;
}

function count({ step, total_steps: total }) {
  return `${step.toLocaleString("en")} / ${total.toLocaleString("en")}`;
}

function row(job) {
  const item = element("li");
  item.id = `of-${job.id}`;
  const link = element("a");
  link.href = `#${job.id}`;
  link.append(element("strong"), element("span"), element("small"), element("small"));
  item.append(link);
  return item;
}

function list(jobs) {
  at("none").hidden = jobs.length > 0;
  jobs.forEach((job, place) => {
    const item = at(`of-${job.id}`) ?? row(job);
    const [model, status, when, steps] = item.firstChild.children;
    model.textContent = job.model;
    badge(status, job.status);
    when.textContent = new Date(job.created_at).toLocaleString([], { hour12: false });
    steps.textContent = count(job.progress);
    if (job.id === shown?.id) item.firstChild.setAttribute("aria-current", "true");
    else item.firstChild.removeAttribute("aria-current");
    // Moved only when it has to be, so that the focus stays where it is.
    if (at("jobs").children[place] !== item) at("jobs").insertBefore(item, at("jobs").children[place]);
  });
}

function open(id) {
  shown = { id, seq: 0, step: -1, points: [], over: false };
  at("events").replaceChildren();
  draw(at("curve"), at("legend"), [], 1);
}

function happened(event) {
  const item = element("li");
  const stamp = element("time", time(event.created_at));
  stamp.dateTime = event.created_at;
  const words = element("span", event.message, event.level);
  words.append(element("span", event.type, "id"));
  item.append(stamp, words);
  at("events").append(item);
  at("events").scrollTop = at("events").scrollHeight;
}

async function detail() {
  const job = shown;
  // The state first: what it tells of is then among the events and the points.
  const state = await ask(`jobs/${job.id}`);
  const { events } = await ask(`jobs/${job.id}/events?limit=1000&since_seq=${job.seq}`);
  const { points } = await ask(`jobs/${job.id}/metrics?limit=1000&after_step=${job.step}`);
  if (job !== shown) return;
  at("detail").hidden = false;
  say("title", state.model);
  say("name", state.id);
  badge(at("status"), state.status);
  say("mode", state.mode === "rehearsal" ? "A rehearsal: the data is read and the flow is walked through. Nothing is trained; the losses are made up." : state.mode);
  say("error", state.error ? `${state.error.code}: ${state.error.message}` : "");
  say("steps", `Step ${count(state.progress)}`);
  at("progress").max = Math.max(1, state.progress.total_steps);
  at("progress").value = state.progress.step;
  at("cancel").hidden = OVER.has(state.status);
  say("payload", JSON.stringify(state.payload, null, 2));
  events.forEach(happened);
  job.seq = events.at(-1)?.seq ?? job.seq;
  job.points.push(...points);
  job.step = points.at(-1)?.step ?? job.step;
  if (points.length) draw(at("curve"), at("legend"), job.points, state.progress.total_steps);
  job.over = OVER.has(state.status);
}

async function look() {
  clearTimeout(timer);
  try {
    const { jobs } = await ask("jobs?limit=200");
    const named = location.hash.slice(1);
    const wanted = jobs.find((job) => job.id === named) ?? jobs[0];
    if (wanted && wanted.id !== shown?.id) open(wanted.id);
    list(jobs);
    if (shown && !shown.over) await detail();
    at("link").className = "live";
    say("link", "Live");
  } catch (error) {
    if (error instanceof Unauthorised) return door("This is none of the server's keys.");
    at("link").className = "lost";
    say("link", "The server does not answer; trying again");
  }
  timer = setTimeout(look, document.hidden ? 10 * BEAT : BEAT);
}

function door(message) {
  sessionStorage.removeItem(KEY);
  shown = null;
  clearTimeout(timer);
  at("jobs").replaceChildren();
  for (const id of ["desk", "forget", "detail"]) at(id).hidden = true;
  at("door").hidden = false;
  at("link").className = "";
  say("link", "");
  say("wrong", message);
  at("key").value = "";
  at("key").focus();
}

function enter(key) {
  sessionStorage.setItem(KEY, key);
  say("wrong", "");
  at("door").hidden = true;
  at("desk").hidden = at("forget").hidden = false;
  look();
}

function arrive() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) history.replaceState(null, "", location.pathname); // not to stay in the history
  const key = given ?? sessionStorage.getItem(KEY);
  if (key) enter(key);
  else door("");
}

at("door").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(at("key").value.trim());
});
at("forget").addEventListener("click", () => door(""));
at("cancel").addEventListener("click", async () => {
  try {
    await ask(`jobs/${shown.id}/cancel`, "POST");
  } catch (error) {
    say("error", error.message);
  }
  look();
});
addEventListener("hashchange", async () => {
  if (location.hash.startsWith("#key=")) return arrive();
  if (location.hash === "#detail") return;
  await look();
  at("detail").focus({ preventScroll: matchMedia("(min-width: 52rem)").matches }); // both are in view
});
document.addEventListener("visibilitychange", () => !document.hidden && sessionStorage.getItem(KEY) && look());
arrive();
