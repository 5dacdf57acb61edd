// A picture of the graph as SVG: layers from left to right, laid out by dagre.
import {escapeXml} from '../base/xml.ts';
import {linesOf, stateColours, type Box, type Picture} from './graph-picture.ts';
import {layOut, type Placed, type Point, type Size} from './layout.ts';

const fontSize = 12;
const lineHeight = 16;
// Helvetica is about this wide on average; the boxes have room to spare.
const characterWidth = 6.6;
const padding = 10;

export async function drawSvg(picture: Picture, title: string): Promise<string> {
  const namesPhase = new Set(picture.boxes.flatMap(({phase}) => phase ?? [])).size > 1;
  const drawn = picture.boxes.map((box) => ({box, lines: linesOf(box, namesPhase)}));
  const layout = await layOut(
    drawn.map(({box, lines}) => ({id: box.id, size: sizeOf(lines)})),
    picture.arrows,
  );
  const {width, height} = layout.size;
  const arrows = picture.arrows.map(({from, to, isCollected}) => drawArrow(layout.pathOf(from, to), isCollected));
  const boxes = drawn.map(({box, lines}) => drawBox(box, lines, layout.placeOf(box.id)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="${String(fontSize)}">`,
    `<title>${escapeXml(title)}</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#888888"/></marker></defs>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...arrows,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

function sizeOf(lines: readonly string[]): Size {
  const longest = Math.max(...lines.map((line) => line.length));
  return {width: longest * characterWidth + 2 * padding, height: lines.length * lineHeight + padding};
}

function drawArrow(points: readonly Point[], isCollected: boolean): string {
  const path = points.map(({x, y}, index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const dashes = isCollected ? ' stroke-dasharray="4 3"' : '';
  return `<path d="${path}" fill="none" stroke="#888888"${dashes} marker-end="url(#tip)"/>`;
}

function drawBox(box: Box, words: readonly string[], {x, y, width, height}: Placed): string {
  const {fill, line} = stateColours[box.state];
  const top = y - height / 2;
  const lines = words.map(
    (text, index) =>
      `<text x="${round(x)}" y="${round(top + padding / 2 + (index + 0.75) * lineHeight)}" text-anchor="middle" fill="${index === 0 ? '#222222' : '#555555'}">${escapeXml(text)}</text>`,
  );
  const frame = `<rect x="${round(x - width / 2)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="4" fill="${fill}" stroke="${line}"/>`;
  const targets = box.nodes.map((node) => node.label).join(', ');
  return `<g><title>${escapeXml(targets)}</title>${frame}${lines.join('')}</g>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
