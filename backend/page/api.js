// The API, asked with the key that this tab keeps.

const KEY = "sftc-key";

export class Unauthorised extends Error {}
export class NotFound extends Error {}
export class Refused extends Error {}

let skew = 0; // milliseconds that the server's clock is ahead of this one

export const now = () => Date.now() + skew;

export const key = {
  read: () => sessionStorage.getItem(KEY),
  keep: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

// Returns the answer as text, too: numbers beyond 2^53 and 1.0 are themselves only there.
export async function ask(path, options) {
  const answer = await requested(path, options);
  const date = Date.parse(answer.headers.get("date"));
  // The header has whole seconds.
  if (Math.abs(date + 500 - now()) > 2000) skew = date + 500 - Date.now();
  const text = await answer.text();
  return { body: JSON.parse(text), text };
}

// Returns the bytes of an answer as they come.
export async function body(path, options) {
  return (await requested(path, options)).body;
}

async function requested(path, { signal, method = "GET" } = {}) {
  if (/[^\x20-\xff]/.test(key.read())) throw new Unauthorised(); // no header can carry it
  const headers = { Authorization: `Bearer ${key.read()}` };
  const answer = await fetch(`api/learning/${path}`, { method, headers, signal });
  if (answer.ok) return answer;
  if (answer.status === 401) throw new Unauthorised();
  if (answer.status === 404) throw new NotFound();
  throw new Refused(reason(await answer.text()) ?? `HTTP ${answer.status}`);
}

function reason(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return null; // a proxy answered
  }
}
