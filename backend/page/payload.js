// JSON text laid out for people with its numbers as they were sent: JSON.parse would round them.

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

// Returns the value of a member of an object, laid out. Both are given as JSON text.
export function laidOut(text, name) {
  const tokens = text.match(TOKEN);
  let depth = 0;
  let place = tokens.findIndex((token, index) => {
    depth += "{[".includes(token) - "}]".includes(token);
    return depth === 1 && token === JSON.stringify(name) && tokens[index + 1] === ":";
  });
  const parts = [];
  depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (place += 2; ; place += 1) {
    const token = tokens[place];
    const empty = "}]".includes(tokens[place + 1]);
    if ("{[".includes(token)) {
      depth += 1;
      parts.push(token, empty ? "" : line());
    } else if ("}]".includes(token)) {
      depth -= 1;
      parts.push("{[".includes(tokens[place - 1]) ? "" : line(), token);
    } else if (token === ",") parts.push(token, line());
    else parts.push(token === ":" ? ": " : token);
    if (depth === 0) return parts.join("");
  }
}
