import { toWinAnsi } from './win-ansi.ts';

type Document = PDFKit.PDFDocument;

/** One cell of a row: its text, as paragraphs, in a column so many points wide. */
export interface Cell {
  readonly paragraphs: readonly string[];
  readonly width: number;
  readonly bold?: boolean;
}

/** A4 in points, and what of it is written on. */
const PAGE = { width: 595.28, height: 841.89, margin: 50 } as const;
const FOOT = 24;
const TOP = PAGE.margin;
const BOTTOM = PAGE.height - PAGE.margin - FOOT;
export const LINE_WIDTH = PAGE.width - 2 * PAGE.margin;
const GAP = 8;
const LEADING = 1.35;
const BODY_SIZE = 9;

/** Rows of text on pages, from the top down; a row that is longer than a page goes on overleaf. */
export class Sheet {
  readonly #doc: Document;
  readonly #widths = new Map<string, number>();
  #y = TOP;

  constructor(doc: Document) {
    this.#doc = doc;
  }

  heading(text: string, size: number): void {
    // never alone at the foot of a page
    if (this.#y + size * 4 > BOTTOM) this.#turn();
    if (this.#y > TOP) this.#y += size * 0.8;
    this.#lines([{ paragraphs: [text], width: LINE_WIDTH, bold: true }], size);
    this.#y += size * 0.3;
  }

  row(cells: readonly Cell[]): void {
    this.#lines(cells, BODY_SIZE);
    this.#y += 3;
  }

  /** Rows under a header that every page repeats. */
  table(header: readonly Cell[], rows: readonly (readonly Cell[])[]): void {
    const head = () => {
      this.#lines(header, BODY_SIZE);
      this.#rule(0.8);
    };
    head();
    for (const row of rows) {
      this.#lines(row, BODY_SIZE, head);
      this.#rule(0.3);
    }
  }

  /** At the foot of every page. */
  number(says: string): void {
    const { count } = this.#doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.#doc.switchToPage(page);
      const y = PAGE.height - PAGE.margin - BODY_SIZE;
      const foot = this.#wrap(says, LINE_WIDTH - 60, 'Helvetica', 8)[0] ?? '';
      this.#write(foot, PAGE.margin, y, 'Helvetica', 8);
      this.#write(`${page + 1} of ${count}`, PAGE.width - PAGE.margin - 40, y, 'Helvetica', 8);
    }
  }

  /** @param onTurn writes what the next page begins with */
  #lines(cells: readonly Cell[], size: number, onTurn = () => {}): void {
    const height = size * LEADING;
    const columns = cells.map(({ paragraphs, width, bold }) => {
      const font = bold ? 'Helvetica-Bold' : 'Helvetica';
      return { font, width, lines: paragraphs.flatMap((each) => this.#wrap(each, width - GAP, font, size)) };
    });
    const count = Math.max(...columns.map(({ lines }) => lines.length));
    const whole = count * height;
    if (this.#y + whole > BOTTOM && whole < (BOTTOM - TOP) / 2) this.#turn(onTurn);
    for (let i = 0; i < count; i++) {
      if (this.#y + height > BOTTOM) this.#turn(onTurn);
      let x: number = PAGE.margin;
      for (const { font, width, lines } of columns) {
        const line = lines[i];
        if (line) this.#write(line, x, this.#y, font, size);
        x += width;
      }
      this.#y += height;
    }
  }

  #turn(onTurn = () => {}): void {
    this.#doc.addPage();
    this.#y = TOP;
    onTurn();
  }

  #rule(weight: number): void {
    const y = this.#y + 2;
    this.#doc
      .moveTo(PAGE.margin, y)
      .lineTo(PAGE.width - PAGE.margin, y)
      .lineWidth(weight)
      .stroke('#888888');
    this.#y += 6;
  }

  #write(line: string, x: number, y: number, font: string, size: number): void {
    this.#doc.font(font).fontSize(size).text(line, x, y, { lineBreak: false });
  }

  /** Lines no wider than that: between words, within a word only where it alone is wider. */
  #wrap(text: string, width: number, font: string, size: number): string[] {
    const lines: string[] = [];
    let line = '';
    let used = 0;
    const end = () => {
      if (line.trim() !== '') lines.push(line.trimEnd());
      line = '';
      used = 0;
    };
    for (const word of toWinAnsi(text).split(/(?<= )/)) {
      const wide = this.#widthOf(word.trimEnd(), font, size);
      if (used + wide > width) end();
      for (const piece of wide > width ? word : [word]) {
        const pieceWidth = this.#widthOf(piece, font, size);
        if (used + this.#widthOf(piece.trimEnd(), font, size) > width) end();
        line += piece;
        used += pieceWidth;
      }
    }
    end();
    return lines;
  }

  /** The sum of its characters: kerning only makes it less. */
  #widthOf(text: string, font: string, size: number): number {
    let sum = 0;
    for (const char of text) {
      const key = `${font} ${char}`;
      let width = this.#widths.get(key);
      if (width === undefined) {
        width = this.#doc.font(font).fontSize(1000).widthOfString(char);
        this.#widths.set(key, width);
      }
      sum += width;
    }
    return (sum * size) / 1000;
  }
}

export const PAGE_OPTIONS = {
  size: [PAGE.width, PAGE.height] as [number, number],
  margin: PAGE.margin,
  bufferPages: true,
};
