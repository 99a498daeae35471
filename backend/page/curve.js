// The curves of a group: training as a line, validation dashed with a dot at each evaluation; a mark
// where a training was resumed; a crosshair that follows the pointer and the arrow keys. It is drawn in the pixels that there are, so that
// its text is as large on a phone as on a screen.

import { GROUPS } from "./curves.js";
import { linear, nearest, short, ticks } from "./scale.js";
import { at, element, number, say } from "./words.js";

const TOP = 10, BOTTOM = 26, RIGHT = 14;
const LETTER = 7; // the width of a digit, in pixels, at most

function svg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

export class Curve {
  #group = GROUPS.loss;
  #curves = {}; // points by name, of the curves that have any
  #resumed = []; // steps
  #steps = []; // all steps that have a point
  #total = 1;
  #chosen = null; // the place in #steps that the crosshair is at
  #scales = null;
  #cross = svg("g", {});

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(at("chart"));
    at("chart").addEventListener("pointermove", (event) => this.#point(event));
    at("chart").addEventListener("pointerdown", (event) => this.#point(event));
    at("chart").addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.#choose(null); // a finger leaves when it is lifted
    });
    at("chart").addEventListener("focus", () => {
      if (this.#chosen === null && at("chart").matches(":focus-visible")) this.#choose(this.#steps.length - 1);
    });
    at("chart").addEventListener("blur", () => this.#choose(null));
    at("chart").addEventListener("keydown", (event) => this.#key(event));
    at("values").addEventListener("toggle", () => this.#table());
  }

  // Show the points of a group's curves, by name and by step, of a job that has so many steps.
  show(group, points, total, resumed) {
    const step = this.#steps[this.#chosen];
    this.#group = group;
    this.#curves = Object.fromEntries(Object.keys(group.curves).filter((name) => points[name]?.length).map((name) => [name, points[name]]));
    this.#steps = [...new Set(Object.values(this.#curves).flat().map((point) => point.step))].sort((one, other) => one - other);
    this.#total = Math.max(1, total);
    this.#resumed = resumed;
    this.#chosen = step === undefined || !this.#steps.length ? null : nearest(this.#steps, step);
    at("chart").classList.toggle("empty", !this.#steps.length);
    this.#legend();
    this.#draw();
    this.#table();
  }

  #entries() {
    return Object.entries(this.#curves).map(([name, own]) => ({ ...this.#group.curves[name], own }));
  }

  #legend() {
    const { title, value } = this.#group;
    const said = [];
    const entries = this.#entries().map(({ kind, word, long, own }) => {
      const [first, last] = [own[0], own.at(-1)];
      said.push(`${long} from ${value(first.value)} to ${value(last.value)} at step ${number(last.step)}`);
      return element("span", `${word} ${value(last.value)}`, kind);
    });
    say(at("curve-title"), `${title} by step`);
    at("legend").replaceChildren(...entries);
    at("chart").setAttribute("aria-label", `${title} curve: ${said.join("; ") || "no points yet"}`);
    at("chart").setAttribute("aria-valuemax", Math.max(0, this.#steps.length - 1));
    at("values").hidden = !said.length;
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = at("chart");
    if (!width) return; // not in view
    const curve = at("curve");
    curve.setAttribute("width", width);
    curve.setAttribute("height", height);
    curve.replaceChildren();
    this.#scales = null;
    const points = Object.values(this.#curves).flat();
    if (!points.length) {
      curve.append(svg("text", { x: width / 2, y: height / 2, "text-anchor": "middle" }, "No points yet"));
      return this.#choose(null);
    }
    const range = points.reduce(([low, high], { value }) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    const margin = (range[1] - range[0]) * 0.06 || Math.abs(range[0]) * 0.1 || 0.1;
    const low = this.#group.low ?? (range[0] >= 0 ? Math.max(0, range[0] - margin) : range[0] - margin);
    const high = range[1] + margin;
    const levels = ticks(low, high, (height - TOP - BOTTOM) / 44);
    const { level } = this.#group;
    const left = 14 + LETTER * Math.max(...levels.map((value) => level(value).length));
    const x = linear(0, this.#total, left, width - RIGHT);
    const y = linear(low, high, height - BOTTOM, TOP);
    this.#scales = { x, y, height };
    for (const value of levels) {
      curve.append(svg("line", { class: "grid", x1: left, x2: width - RIGHT, y1: y(value), y2: y(value) }));
      curve.append(svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, level(value)));
    }
    this.#axis(curve, x, left, width, height);
    this.#marks(curve, x, height);
    for (const { kind, own } of this.#entries()) this.#line(curve, kind, own, x, y);
    curve.append(this.#cross);
    this.#choose(this.#chosen);
  }

  #axis(curve, x, left, width, height) {
    const room = LETTER * (short(this.#total).length + 3);
    for (const step of ticks(0, this.#total, (width - left) / Math.max(64, room)).filter(Number.isInteger)) {
      const half = (LETTER * short(step).length) / 2;
      const place = Math.min(x(step), width - half);
      curve.append(svg("line", { class: "tick", x1: x(step), x2: x(step), y1: height - BOTTOM, y2: height - BOTTOM + 4 }));
      curve.append(svg("text", { x: place, y: height - 6, "text-anchor": "middle" }, short(step)));
    }
  }

  #marks(curve, x, height) {
    for (const step of this.#resumed) {
      const mark = svg("g", { class: "resumed" });
      mark.append(svg("line", { x1: x(step), x2: x(step), y1: TOP, y2: height - BOTTOM }));
      mark.append(svg("path", { d: `M${x(step) - 4},${TOP - 6}h8l-4,6z` }));
      mark.append(svg("title", {}, `Resumed from step ${number(step)}`));
      curve.append(mark);
    }
  }

  #line(curve, kind, own, x, y) {
    const path = own.map((point) => `${x(point.step).toFixed(2)},${y(point.value).toFixed(2)}`).join(" ");
    curve.append(svg("polyline", { class: kind, points: path }));
    const apart = (x(own.at(-1).step) - x(own[0].step)) / own.length;
    const dots = kind === "validation" && apart >= 10 ? own : own.slice(-1);
    for (const point of dots) curve.append(svg("circle", { class: kind, cx: x(point.step), cy: y(point.value), r: 3 }));
  }

  #point(event) {
    if (!this.#scales) return;
    const place = event.clientX - at("chart").getBoundingClientRect().left;
    const { x } = this.#scales;
    this.#choose(nearest(this.#steps, ((place - x(0)) / (x(1) - x(0)))));
  }

  #key(event) {
    const last = this.#steps.length - 1;
    const from = this.#chosen ?? last;
    const to = {
      ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1,
      PageDown: from - 10, PageUp: from + 10, Home: 0, End: last,
    }[event.key];
    if (event.key === "Escape") this.#choose(null);
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#choose(Math.min(last, Math.max(0, to)));
  }

  // Put the crosshair at a step, and say the values there.
  #choose(place) {
    this.#chosen = this.#scales && place >= 0 ? place : null;
    this.#cross.replaceChildren();
    const chart = at("chart");
    at("tip").hidden = this.#chosen === null;
    const step = this.#steps[this.#chosen ?? this.#steps.length - 1];
    const found = this.#entries()
      .map(({ kind, word, own }) => [kind, word, own.find((point) => point.step === step)])
      .filter(([, , point]) => point);
    const words = found.map(([, word, point]) => `${word} ${this.#group.value(point.value)}`);
    const text = step === undefined ? "No points yet" : `Step ${number(step)}: ${words.join(", ")}`;
    chart.setAttribute("aria-valuenow", Math.max(0, this.#chosen ?? this.#steps.length - 1));
    chart.setAttribute("aria-valuetext", text);
    if (this.#chosen === null) return;
    const { x, y, height } = this.#scales;
    this.#cross.append(svg("line", { class: "cross", x1: x(step), x2: x(step), y1: TOP, y2: height - BOTTOM }));
    for (const [kind, , point] of found) this.#cross.append(svg("circle", { class: kind, cx: x(step), cy: y(point.value), r: 4.5 }));
    at("tip").replaceChildren(element("strong", `Step ${number(step)}`), ...found.map(([kind], index) => element("span", words[index], kind)));
    const room = chart.clientWidth - at("tip").offsetWidth;
    const beside = x(step) + 12 > room ? x(step) - 12 - at("tip").offsetWidth : x(step) + 12;
    at("tip").style.left = `${Math.max(0, Math.min(room, beside))}px`;
  }

  #table() {
    if (!at("values").open) return at("rows").replaceChildren();
    const { curves, value } = this.#group;
    const names = Object.keys(curves);
    const heads = ["Step", ...names.map((name) => curves[name].word[0].toUpperCase() + curves[name].word.slice(1))];
    at("heads").replaceChildren(...heads.map((word) => Object.assign(element("th", word), { scope: "col" })));
    const values = new Map(this.#steps.map((step) => [step, {}]));
    for (const [name, own] of Object.entries(this.#curves)) {
      for (const point of own) values.get(point.step)[name] = value(point.value);
    }
    const rows = [...values].map(([step, said]) => {
      const made = element("tr");
      made.append(element("td", number(step)), ...names.map((name) => element("td", said[name] ?? "")));
      return made;
    });
    at("rows").replaceChildren(...rows);
    say(at("values").firstElementChild, `Values (${number(rows.length)} steps)`);
  }
}
