// The end of what a trainer printed, as it grows.

import { ask } from "./api.js";
import { at } from "./words.js";

const PART = 64 * 1024; // bytes that are asked for at once
const FAR = 4 * PART; // bytes; who is further behind goes on at the end
const MOST = 128 * 1024; // characters that are kept
const STEERING = /\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

export class Log {
  #end = null; // the byte after the last one that is shown
  #path;

  constructor(path) {
    this.#path = `${path}/log`;
    at("output").textContent = "";
    at("log").hidden = true;
  }

  // Show what is new.
  async look(signal) {
    for (;;) {
      const after = this.#end === null ? "" : `&after=${this.#end}`;
      const { body } = await ask(`${this.#path}?limit=${PART}${after}`, { signal });
      if (signal.aborted) return;
      const before = this.#end;
      this.#end = body.size - body.end > FAR ? null : body.end;
      if (this.#end !== null && body.end !== before) this.#show(body.text, before !== null && body.start > 0);
      if (body.end >= body.size || body.end === before) return;
    }
  }

  // A progress bar returns to the start of its line: each drawing becomes a line.
  #show(text, joined) {
    const output = at("output");
    const below = output.scrollHeight - output.scrollTop - output.clientHeight < 4; // read to the end
    const fresh = text.replace(/\r\n?/g, "\n").replace(STEERING, "");
    const whole = (joined ? output.textContent : "") + fresh;
    output.textContent = whole.slice(-MOST);
    at("log").hidden = !whole;
    if (below) output.scrollTop = output.scrollHeight;
  }
}
