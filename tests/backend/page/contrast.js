// Returns what a person sees as text with less contrast than WCAG AA asks for (4.5 to 1): each
// text node and each field, in its colour over all that is painted behind it.

const parsed = (colour) => {
  const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
  return [red, green, blue, alpha];
};

const over = ([r, g, b, a], behind) => [r, g, b].map((channel, i) => channel * a + behind[i] * (1 - a));

const luminance = (colour) => {
  const linear = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};

function chain(element) {
  const found = [];
  for (let one = element; one; one = one.parentElement) {
    found.unshift(one);
    if (one.tagName === "DIALOG") break; // in the top layer
  }
  return found;
}

function ratio(element, colour) {
  const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  let opacity = 1;
  const behind = chain(element).reduce((below, one) => {
    const style = getComputedStyle(one);
    opacity *= Number(style.opacity);
    if (style.backgroundImage !== "none") throw new Error("a background that is an image");
    const [r, g, b, a] = parsed(style.backgroundColor);
    return over([r, g, b, a * opacity], below);
  }, canvas);
  const [r, g, b, a] = parsed(colour);
  const [dark, light] = [over([r, g, b, a * opacity], behind), behind].map(luminance).sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const faults = [];
let seen = 0;

function hold(element, text, colour) {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
  const { width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0) return;
  seen += 1;
  const found = ratio(element, colour);
  if (found < 4.5) faults.push(`${text.trim().slice(0, 40)} (${element.tagName} ${element.id}): ${found.toFixed(2)}`);
}

const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const { parentElement: parent, textContent: text } = walker.currentNode;
  if (!text.trim() || parent.closest("option, script")) continue;
  const style = getComputedStyle(parent);
  hold(parent, text, parent instanceof SVGElement ? style.fill : style.color);
}
for (const field of document.querySelectorAll("input, select")) {
  hold(field, `value of ${field.id}`, getComputedStyle(field).color);
  if (field.placeholder) hold(field, field.placeholder, getComputedStyle(field, "::placeholder").color);
}
return { faults, seen };
