// What the browser remembers. Storage that is switched off, full or holds something else is as good as empty: the page works without.

export function read(key, missing) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? missing;
  } catch {
    return missing;
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // the page forgets, and works
  }
}
