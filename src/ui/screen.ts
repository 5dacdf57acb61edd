// Draws a block of lines at the bottom of a terminal, and prints plain lines above it. Knows nothing of what they say.
import stringWidth from 'string-width';

export interface Screen {
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean;
  columns(): number;
  rows(): number;
  write(text: string): void;
  /** Calls on each change of the size, until the returned function is called. */
  onResize(listener: () => void): () => void;
}

// Each drawing is one write that the terminal shows at once (synchronized output, where it knows it). The cursor is hidden only
// inside of it: whatever ends the program, it leaves a terminal in order.
const begin = '\u001b[?2026h\u001b[?25l';
const end = '\u001b[?25h\u001b[?2026l';
// The whole line, before it is written: a line that was once wrapped would else stay joined to the next one for a terminal that re-wraps.
const clearLine = '\u001b[2K';
const clearBelow = '\u001b[J';

export class Block {
  readonly #screen: Screen;
  #lines: readonly string[] = [];
  #columns = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Replaces the block; `above` goes to stay over it. No line of the block is wider than the terminal. */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const columns = this.#screen.columns();
    const isSame = columns === this.#columns && lines.length === this.#lines.length && lines.every((line, at) => line === this.#lines[at]);
    if (isSame && above.length === 0) return;
    const up = this.#height();
    const home = `${up > 0 ? `\u001b[${String(up)}A` : ''}\r`;
    // What goes above may be wider than the terminal and run on over old lines.
    const text = `${above.length > 0 ? clearBelow : ''}${[...above, ...lines].map((line) => `${clearLine}${line}\n`).join('')}`;
    this.#screen.write(`${begin}${home}${text}${clearBelow}${end}`);
    this.#lines = lines;
    this.#columns = columns;
  }

  /** What was drawn stays; the next drawing is a new one. */
  forget(): void {
    this.#lines = [];
  }

  // A terminal that became narrower has wrapped what was there.
  #height(): number {
    const columns = Math.max(1, this.#screen.columns());
    return this.#lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
  }
}
