// The page: which view is shown, under which key. Everything from a server's answer is put in as
// text, never as markup.

import { Refused, Unauthorised, key } from "./api.js";
import { JobView } from "./job.js";
import { List, controls } from "./list.js";
import { OVER, at, count, label, say, tabTitle } from "./words.js";

let list = null;
let job = null;
const troubles = new Map(); // by view

const wide = () => matchMedia("(min-width: 52.01rem)").matches;

function address() {
  const hash = location.hash.slice(1);
  if (hash === "jobs" || hash.startsWith("key=")) return null;
  try {
    return decodeURIComponent(hash) || null;
  } catch {
    return hash; // of no job, which will be said
  }
}

function outcome(view) {
  return (error) => {
    if (error instanceof Unauthorised) return leave("The server does not recognise this key.");
    if (error) troubles.set(view, error);
    else troubles.delete(view);
    const [trouble] = troubles.values();
    at("link").className = trouble ? "lost" : "live";
    if (!trouble) say(at("link"), "Live");
    else if (trouble instanceof Refused) say(at("link"), `The server refuses: ${trouble.message}`);
    else say(at("link"), "The server does not answer; trying again");
  };
}

function leaveJob() {
  job?.follow.leave();
  job = null;
  troubles.delete("job");
}

function route() {
  const id = address();
  at("desk").dataset.view = id === null ? "list" : "job";
  if (id === job?.id) return;
  leaveJob();
  list.mark(id);
  at("idle").hidden = id !== null;
  at("detail").hidden = at("missing").hidden = true;
  document.title = "Jobs – sftc";
  if (id !== null) job = new JobView(id, list.summary(id), outcome("job"), (state) => named(id, state));
}

function named(id, state) {
  if (job && job.id !== id) return;
  document.title = state ? tabTitle(state) : "Job not found – sftc";
  if (state && OVER.has(state.status) && at("confirm").open) at("confirm").close();
}

// On a wide window there is room for a job beside the list: the newest, until one is chosen.
function listed(jobs, asked) {
  if (location.hash || asked || !jobs.length || !wide()) return;
  history.replaceState(null, "", `#${encodeURIComponent(jobs[0].id)}`);
  route();
}

function enter(given) {
  key.keep(given);
  say(at("wrong"), "");
  at("entry").hidden = true;
  at("desk").hidden = at("forget").hidden = false;
  at("search").value = at("filter").value = "";
  list = new List(outcome("list"), listed);
  route();
}

function leave(message) {
  key.forget();
  list?.leave();
  list = null;
  leaveJob();
  troubles.clear();
  for (const id of ["desk", "forget"]) at(id).hidden = true;
  if (at("confirm").open) at("confirm").close();
  at("entry").hidden = false;
  at("link").className = "";
  say(at("link"), "");
  say(at("wrong"), message);
  document.title = "sftc backend";
  at("key").value = "";
  at("key").focus();
}

function arrive() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) history.replaceState(null, "", location.pathname); // not to stay in the history
  const known = given ?? key.read();
  if (list) leave("");
  if (known) enter(known);
  else leave("");
}

function moved() {
  if (location.hash.startsWith("#key=")) return arrive();
  if (!list) return;
  const before = job?.id;
  route();
  if (job && wide()) at("detail").focus({ preventScroll: true }); // both are in view
  else if (job) scrollTo(0, 0);
  else [...at("jobs").children].find((item) => item.dataset.id === before)?.firstChild.focus();
}

function confirm() {
  if (!job?.job) return;
  say(at("confirm-job"), label(job.job));
  say(at("confirm-text"), `${job.id}, at step ${count(job.job.progress)}. A cancelled job cannot be started again.`);
  at("confirm").showModal();
}

at("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(at("key").value.trim());
});
at("forget").addEventListener("click", () => leave(""));
at("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address is the job's
  at("detail").focus();
});
at("cancel").addEventListener("click", confirm);
at("keep").addEventListener("click", () => at("confirm").close());
at("really").addEventListener("click", () => {
  at("confirm").close();
  job?.cancel();
});
at("groups").addEventListener("change", (event) => job?.choose(event.target.value));
controls(() => list);
addEventListener("hashchange", moved);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  list?.nudge();
  job?.follow.nudge();
});
arrive();
