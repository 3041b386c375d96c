// Making and keeping nodes. Text is always text: nothing that came from elsewhere is read as markup.

export const byId = (id) => document.getElementById(id);

export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** Writes only what is new: a screen reader is told once, and nothing is laid out again in vain. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setData(node, name, value) {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

export function setTitle(node, text) {
  if (node.title !== text) node.title = text;
}

/** Brings the children of `parent` to one for each item, in order, by its key: those that stay are kept, and `fill` is called on each. */
export function keep(parent, items, key, make, fill) {
  const had = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, index) => {
    const name = key(item);
    let node = had.get(name);
    if (!node) {
      node = make(item);
      node.dataset.key = name;
    }
    had.delete(name);
    fill(node, item);
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  for (const node of had.values()) node.remove();
}
