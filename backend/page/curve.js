// The loss curve as SVG: training as a line, validation dashed with a dot at each evaluation.

const LEFT = 44, RIGHT = 708, TOP = 12, BOTTOM = 250;
const CURVES = { "train.loss": "train", "val.loss": "validation" };

function svg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Round numbers about a quarter of the range apart.
function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  const found = [];
  for (let place = Math.ceil(low / step); place * step <= high * (1 + 1e-9); place += 1) found.push(place * step);
  return found;
}

const short = (value) => Number(value.toPrecision(6)).toLocaleString("en");

export function draw(chart, legend, points, total) {
  chart.replaceChildren();
  legend.replaceChildren();
  if (!points.length) {
    chart.append(svg("text", { x: (LEFT + RIGHT) / 2, y: (TOP + BOTTOM) / 2, "text-anchor": "middle" }, "No point yet"));
    chart.setAttribute("aria-label", "Loss curve: no point yet");
    return;
  }
  const values = points.map((point) => point.value);
  const margin = (Math.max(...values) - Math.min(...values)) * 0.08 || 0.1;
  const low = Math.max(0, Math.min(...values) - margin);
  const high = Math.max(...values) + margin;
  const x = (step) => LEFT + ((RIGHT - LEFT) * step) / total;
  const y = (value) => BOTTOM - ((BOTTOM - TOP) * (value - low)) / (high - low);

  for (const value of ticks(low, high)) {
    chart.append(svg("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y(value), y2: y(value) }));
    chart.append(svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, short(value)));
  }
  for (const step of ticks(0, total).filter(Number.isInteger)) {
    const anchor = step === 0 ? "start" : x(step) > RIGHT - 20 ? "end" : "middle";
    chart.append(svg("text", { x: x(step), y: BOTTOM + 20, "text-anchor": anchor }, short(step)));
  }
  const said = [];
  for (const [name, kind] of Object.entries(CURVES)) {
    const own = points.filter((point) => point.name === name);
    if (!own.length) continue;
    const path = own.map((point) => `${x(point.step).toFixed(1)},${y(point.value).toFixed(1)}`).join(" ");
    chart.append(svg("polyline", { class: kind, points: path }));
    const dots = kind === "validation" ? own : own.slice(-1);
    for (const point of dots) chart.append(svg("circle", { class: kind, cx: x(point.step), cy: y(point.value), r: 3.2 }));
    const last = own.at(-1);
    const entry = document.createElement("span");
    entry.className = kind;
    entry.textContent = `${kind} ${last.value.toFixed(3)}`;
    legend.append(entry);
    said.push(`${kind} loss from ${own[0].value.toFixed(3)} to ${last.value.toFixed(3)} at step ${last.step}`);
  }
  chart.setAttribute("aria-label", `Loss curve: ${said.join("; ")}`);
}
