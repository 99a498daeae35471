// Where values stand on an axis, and which round numbers are written beside it.

// Round numbers, at most about `most` of them.
export function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough * (1 - 1e-9));
  const found = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place += 1) {
    found.push(Number((place * step).toPrecision(12)));
  }
  return found;
}

// 12,000 and 12k say the same; large numbers would run into each other.
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6 || (size < 1e-4 && size > 0)) {
    const compact = { notation: size < 1e15 && size >= 1 ? "compact" : "scientific", maximumSignificantDigits: 4 };
    return value.toLocaleString("en", compact);
  }
  return Number(value.toPrecision(6)).toLocaleString("en", { maximumSignificantDigits: 6 });
}

// Losses as people compare them.
export function precise(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(3);
  return value.toFixed(size < 100 ? 4 : 2);
}

export const linear = (low, high, from, to) => (value) => from + ((to - from) * (value - low)) / (high - low || 1);

// The place of the value in a sorted list that is nearest to another.
export function nearest(sorted, value) {
  let low = 0;
  let high = sorted.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle;
    else high = middle;
  }
  return value - sorted[low] <= sorted[high] - value ? low : high;
}
