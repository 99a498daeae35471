// A view that follows the server: it asks, waits for the answer, rests, and asks again. There is
// never a second request under way, and nothing is shown of an answer that comes after it was left.

export const BEAT = 1000; // milliseconds
const HIDDEN = 10; // times as long, in a tab that nobody sees

export class Follow {
  #control = new AbortController();
  #nudged = false;
  #wake = () => {};

  // `look` makes the requests, and returns how long to rest: Infinity if nothing more will happen.
  constructor(look, outcome) {
    this.#run(look, outcome);
  }

  async #run(look, outcome) {
    const { signal } = this.#control;
    while (!signal.aborted) {
      this.#nudged = false;
      let pause = BEAT;
      try {
        pause = await look(signal);
        if (!signal.aborted) outcome(null);
      } catch (error) {
        if (!signal.aborted) outcome(error);
      }
      await this.#rest(document.hidden ? pause * HIDDEN : pause);
    }
  }

  #rest(pause) {
    return new Promise((resolve) => {
      const timer = pause < Infinity ? setTimeout(resolve, pause) : 0;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#nudged || this.#control.signal.aborted) this.#wake();
    });
  }

  // Ask again now, or right after the answers under way.
  nudge() {
    this.#nudged = true;
    this.#wake();
  }

  leave() {
    this.#control.abort();
    this.#wake();
  }
}
