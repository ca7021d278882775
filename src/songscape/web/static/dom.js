// Small helpers to make elements. Text from the catalog only ever becomes text, never markup.

// Make an element: el("button", { class: "x", text: "OK", on: { click } }, child, …). Attributes that are null or false are left out.
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

export function button(text, act, options = {}) {
  return el("button", { type: "button", text, on: { click: act }, ...options });
}

// A text that stays one line and cannot turn the direction of what stands beside it.
export function plain(text, longest = 400) {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]+/g, " ");
  const units = [...clean.slice(0, 2 * longest)];
  return units.length > longest ? `${units.slice(0, longest).join("")}…` : clean;
}

// Call at most once per frame, whatever the number of requests.
export function oncePerFrame(act) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      act();
    });
  };
}

export function later(act, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}
