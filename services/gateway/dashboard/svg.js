const SVG = 'http://www.w3.org/2000/svg';

/** Units across a drawing: about as many pixels, so that its words keep their size. */
export function drawingWidth() {
  return matchMedia('(max-width: 30rem)').matches ? 330 : 640;
}

/** @typedef {Readonly<Record<string, string | number>>} Attributes */

/** @param {string} name @param {Attributes} attributes @param {readonly Node[]} children */
export function shape(name, attributes, children = []) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  made.append(...children);
  return made;
}

/** @param {string} text @param {number} x @param {number} y @param {'start' | 'middle' | 'end'} anchor */
export function label(text, x, y, anchor) {
  return shape('text', { x, y, 'text-anchor': anchor }, [document.createTextNode(text)]);
}

/**
 * A picture with its meaning in words: who cannot see it hears the title, and the text beside it says the same.
 * @param {number} width @param {number} height @param {string} title @param {readonly Node[]} children
 */
export function drawing(width, height, title, children) {
  return shape(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title, class: 'drawing' },
    children,
  );
}
