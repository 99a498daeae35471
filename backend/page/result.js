// The files that a training left, to be downloaded. The key goes in a header, so a plain link would
// not do: a small file passes through the memory of this tab, a large one goes straight to the disk
// where the browser can do that.

import { Refused, ask, body } from "./api.js";
import { at, element, say, size } from "./words.js";

const SMALL = 64 * 1000 ** 2; // bytes
const MOST = 1000 ** 3; // bytes that are held in memory at most
const KEPT = 60_000; // milliseconds for the browser to take what was saved

export class Result {
  #path;
  #known = false;

  constructor(path) {
    this.#path = `${path}/artifacts`;
    at("files").replaceChildren();
    at("result").hidden = true;
  }

  // Show the files once they are there; `signal` ends the downloads, too.
  async look(signal, id) {
    if (this.#known) return;
    const { body: found } = await ask(this.#path, { signal });
    if (signal.aborted) return;
    this.#known = true;
    at("result").hidden = !found.artifacts.length;
    say(at("fetch"), `sftc fetch ${id} -o DIR`);
    at("files").replaceChildren(...found.artifacts.map((artifact) => this.#row(artifact, signal)));
  }

  #row(artifact, signal) {
    const item = element("li");
    const button = element("button", "Download");
    button.type = "button";
    button.setAttribute("aria-label", `Download ${artifact.path}`);
    const path = element("span", artifact.path, "path");
    path.title = `SHA-256 ${artifact.sha256}`;
    const state = element("span", "", "state");
    state.setAttribute("role", "status");
    button.addEventListener("click", () => this.#download(artifact, button, state, signal));
    item.append(path, element("span", size(artifact.bytes), "size"), state, button);
    return item;
  }

  async #download(artifact, button, state, signal) {
    button.disabled = true;
    try {
      await this.#save(artifact, signal, (done) => say(state, artifact.bytes ? `${Math.floor((100 * done) / artifact.bytes)} %` : ""));
      say(state, "saved");
    } catch (error) {
      if (!signal.aborted) say(state, error.name === "AbortError" ? "" : reason(error));
    }
    button.disabled = false;
  }

  async #save(artifact, signal, told) {
    const name = artifact.path.split("/").at(-1);
    const file = artifact.bytes > SMALL && window.showSaveFilePicker ? await showSaveFilePicker({ suggestedName: name }) : null;
    if (!file && artifact.bytes > MOST) throw new Refused("too large for this browser; use the command above");
    const path = artifact.path.split("/").map(encodeURIComponent).join("/");
    const pieces = (await body(`${this.#path}/${path}`, { signal })).pipeThrough(counting(told));
    if (file) return pieces.pipeTo(await file.createWritable(), { signal });
    keep(await new Response(pieces).blob(), name);
  }
}

function counting(told) {
  let done = 0;
  return new TransformStream({
    transform(piece, control) {
      told((done += piece.byteLength));
      control.enqueue(piece);
    },
  });
}

function keep(blob, name) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}

const reason = (error) => (error instanceof Refused ? error.message : "the download broke off");
